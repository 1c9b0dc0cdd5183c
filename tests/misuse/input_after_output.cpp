// expect: ctbus: an input stands after an output: put inputs (T, const T&) first and outputs (T&) last
// names: "DivMod"
// names: parameter<3>
#include <ctbus/vtable.hpp>

void bad(int, int&, int);
void good(int, int, int&);

#ifdef MISUSE
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"DivMod", &bad>> {};
#else
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"DivMod", &good>> {};
#endif
