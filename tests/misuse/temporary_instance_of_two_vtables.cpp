// expect: ctbus: the instance has to outlive the object: give it a name, a temporary is gone at once
// names: calculator
// names: table
#include <ctbus/object.hpp>

class calculator {
public:
    int add(int, int);
    int mode() const;
};
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &calculator::add>> {};
struct mode_table : ctbus::vtable<"org.example.Mode", ctbus::handler<"Get", &calculator::mode>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus) {
    ctbus::object<table, mode_table> object{bus, "/calc", calculator{}};
}
#else
void use(const ctbus::connection& bus) {
    calculator calc;
    ctbus::object<table, mode_table> object{bus, "/calc", calc};
}
#endif
