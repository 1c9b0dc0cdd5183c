// expect: ctbus: an argument has a type that ctbus does not take for the parameter's type: give a value of that type
// names: "Overflowed"
// names: parameter<1>
#include <ctbus/object.hpp>

#include <string>

struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::signal<"Overflowed", void(std::string, double)>,
        ctbus::accessor<"Mode", [] { return 1; }, ctbus::emits_change>,
        ctbus::accessor<"Version", [] { return 2; }>> {};
struct other_table :
    ctbus::vtable<"org.example.Other", ctbus::signal<"Overflowed", void(std::string, double)>,
        ctbus::accessor<"Mode", [] { return 1; }, ctbus::emits_change>> {};

#ifdef MISUSE
void use(ctbus::object<table>& object) {
    object.emit<"Overflowed">(1, 1e308);
}
#else
void use(ctbus::object<table>& object) {
    object.emit<"Overflowed">("Add", 1e308);
}
#endif
