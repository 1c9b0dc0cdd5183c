// expect: ctbus: the interface has no property of this name
// names: "Speed"
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
    object.changed<"Speed">();
}
#else
void use(ctbus::object<table>& object) {
    object.changed<"Mode">();
}
#endif
