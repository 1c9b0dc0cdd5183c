// expect: ctbus: this vtable serves a class: give the object an instance of it
// names: table
#include <ctbus/object.hpp>

class calculator {
public:
    int add(int, int);
    int mode() const;
};
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &calculator::add>> {};
struct free_table :
    ctbus::vtable<"org.example.Half", ctbus::handler<"Half", [](double x) { return x / 2; }>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus) {
    ctbus::object<table> object{bus, "/calc"};
}
#else
void use(const ctbus::connection& bus) {
    ctbus::object<free_table> object{bus, "/calc"};
}
#endif
