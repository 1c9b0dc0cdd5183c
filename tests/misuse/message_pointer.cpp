// expect: ctbus: a handler takes its message as const ctbus::message&, not as a pointer
// names: "Add"
// names: parameter<2>
#include <ctbus/vtable.hpp>

void bad(int, ctbus::message*);
void good(int, ctbus::message);

#ifdef MISUSE
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &bad>> {};
#else
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &good>> {};
#endif
