// expect: ctbus: a deferred reply is taken by value, as ctbus::deferred<Outs...>: the handler owns it, and keeps it until it answers
// names: "Add"
// names: parameter<2>
#include <ctbus/deferred.hpp>
#include <ctbus/vtable.hpp>

void bad(int, ctbus::deferred<int>&&);
void good(int, ctbus::deferred<int>);

#ifdef MISUSE
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &bad>> {};
#else
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &good>> {};
#endif
