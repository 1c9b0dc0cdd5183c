// expect: ctbus: the property announces no changes: mark it emits_change or emits_invalidation
// names: "Version"
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
    object.changed<"Version">();
}
#else
void use(ctbus::object<table>& object) {
    object.changed<"Mode">();
}
#endif
