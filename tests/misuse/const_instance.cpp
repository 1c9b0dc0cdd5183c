// expect: ctbus: a const instance cannot serve a vtable with handlers or accessors that change it
// names: const calculator
// names: table
#include <ctbus/object.hpp>

class calculator {
public:
    int add(int, int);
    int mode() const;
};
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &calculator::add>> {};
struct constant_table :
    ctbus::vtable<"org.example.Mode", ctbus::handler<"Get", &calculator::mode>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus, const calculator& calc) {
    ctbus::object<table> object{bus, "/calc", calc};
}
#else
void use(const ctbus::connection& bus, const calculator& calc) {
    ctbus::object<constant_table> object{bus, "/calc", calc};
}
#endif
