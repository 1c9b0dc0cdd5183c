// expect: ctbus: a member's name is a template argument, as in call<"Name">(arguments...)
#include <ctbus/object.hpp>

struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::signal<"Overflowed", void(double)>> {};

void use(ctbus::object<table>& object) {
#ifdef MISUSE
    object.emit("Overflowed", 1.0);
#else
    object.emit<"Overflowed">(1.0);
#endif
}
