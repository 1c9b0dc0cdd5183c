// expect: ctbus: the instance is given as a pointer: give the object itself, as *pointer
// names: table
#include <ctbus/object.hpp>

struct calculator {
    int add(int, int);
};
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &calculator::add>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus, calculator* calc) {
    ctbus::object<table> object{bus, "/calc", calc};
}
#else
void use(const ctbus::connection& bus, calculator* calc) {
    ctbus::object<table> object{bus, "/calc", *calc};
}
#endif
