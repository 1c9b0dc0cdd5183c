// expect: ctbus: D-Bus has one floating type: use double
// names: "Add"
// names: parameter<2>
// names: nesting<
#include <ctbus/interface.hpp>

#ifdef MISUSE
using type = float;
#else
using type = double;
#endif

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", void(int, type)>> {};
