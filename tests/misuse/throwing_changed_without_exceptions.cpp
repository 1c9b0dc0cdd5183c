// expect: ctbus: exceptions are off, so x() does not exist here: use try_x(), and try_make() instead of a constructor
// names: without_exceptions
// flags: -fno-exceptions
#include <ctbus/object.hpp>

struct table :
    ctbus::vtable<"org.example.Calculator",
        ctbus::accessor<"Mode", [] { return 1; }, ctbus::emits_change>> {};

#ifdef MISUSE
void use(ctbus::object<table>& object) {
    object.changed<"Mode">();
}
#else
void use(ctbus::object<table>& object) {
    static_cast<void>(object.try_changed<"Mode">());
}
#endif
