// expect: ctbus: D-Bus has one floating type: use double
// names: "Get"
// names: outer
#include <ctbus/interface.hpp>

#ifdef MISUSE
using type = float;
#else
using type = double;
#endif

struct outer {
    int first;
    type second;
};
struct contract : ctbus::interface<"org.example.Calculator", ctbus::property<"Get", outer>> {};
