// expect: ctbus: D-Bus has one floating type: use double
// names: "Sum"
// names: parameter<2>
#include <ctbus/vtable.hpp>

#ifdef MISUSE
using type = float;
#else
using type = double;
#endif

int sum(int, type&);
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Sum", &sum>> {};
