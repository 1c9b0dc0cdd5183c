// expect: ctbus: the instance is given as a pointer: give the object itself, as *pointer
// names: table
#include <ctbus/object.hpp>

#include <memory>

struct calculator {
    int add(int, int);
};
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &calculator::add>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus, std::shared_ptr<calculator> calc) {
    ctbus::object<table> object{bus, "/calc", calc};
}
#else
void use(const ctbus::connection& bus, std::shared_ptr<calculator> calc) {
    ctbus::object<table> object{bus, "/calc", *calc};
}
#endif
