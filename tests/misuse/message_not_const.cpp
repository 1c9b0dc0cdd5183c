// expect: ctbus: a handler takes its message as const ctbus::message& or by value
// names: "Add"
// names: parameter<1>
#include <ctbus/vtable.hpp>

void bad(ctbus::message&);
void good(const ctbus::message&);

#ifdef MISUSE
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &bad>> {};
#else
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &good>> {};
#endif
