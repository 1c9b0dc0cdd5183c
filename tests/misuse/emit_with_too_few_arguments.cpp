// expect: ctbus: too few arguments: give one for each parameter of the declaration
// names: "Overflowed"
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
    object.emit<"Overflowed">("Add");
}
#else
void use(ctbus::object<table>& object) {
    object.emit<"Overflowed">("Add", 1e308);
}
#endif
