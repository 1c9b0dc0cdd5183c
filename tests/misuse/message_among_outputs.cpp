// expect: ctbus: the message stands among the outputs: put it before them, or at the very end
// names: "DivMod"
// names: parameter<3>
#include <ctbus/vtable.hpp>

void bad(int, int&, const ctbus::message&, int&);
void good(int, const ctbus::message&, int&, int&);

#ifdef MISUSE
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"DivMod", &bad>> {};
#else
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"DivMod", &good>> {};
#endif
