// expect: ctbus: D-Bus has one floating type: use double
// names: "Add"
// names: parameter<2>
#include <ctbus/deferred.hpp>
#include <ctbus/vtable.hpp>

void bad(int, ctbus::deferred<float>);
void good(int, ctbus::deferred<double>);

#ifdef MISUSE
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &bad>> {};
#else
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &good>> {};
#endif
