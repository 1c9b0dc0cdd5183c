// expect: ctbus: this class is only declared here: include its definition
// names: "Move"
// names: point
#include <ctbus/vtable.hpp>

struct point;
struct right_point {
    double x, y;
};

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Move", void(const point&)>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Move", void(const right_point&)>> {};
#endif
