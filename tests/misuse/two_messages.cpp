// expect: ctbus: a handler takes at most one message
// names: "Add"
// names: parameter<3>
#include <ctbus/vtable.hpp>

void bad(int, const ctbus::message&, ctbus::message);
void good(int, const ctbus::message&);

#ifdef MISUSE
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &bad>> {};
#else
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &good>> {};
#endif
