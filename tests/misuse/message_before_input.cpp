// expect: ctbus: the message stands before an input: put it after the inputs, or at the very end
// names: "Add"
// names: parameter<3>
#include <ctbus/vtable.hpp>

double bad(double, const ctbus::message&, double);
double good(double, double, const ctbus::message&);

#ifdef MISUSE
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &bad>> {};
#else
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &good>> {};
#endif
