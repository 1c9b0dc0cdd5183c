// expect: ctbus: two interfaces of this object have a member of this name: say which, as in emit<Interface, "Name">
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
void use(ctbus::object<table, other_table>& object) {
    object.emit<"Overflowed">("Add", 1e308);
}
#else
void use(ctbus::object<table, other_table>& object) {
    object.emit<table, "Overflowed">("Add", 1e308);
}
#endif
