// expect: ctbus: D-Bus has one floating type: use double
// names: "Move"
// names: point
#include <ctbus/vtable.hpp>

struct point {
    float x, y;
};
struct right_point {
    double x, y;
};
struct calculator {
    void reset();
};

#ifdef MISUSE
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::handler<"Reset", &calculator::reset>,
        ctbus::handler<"Move", [](const point&) {}>> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::handler<"Reset", &calculator::reset>,
        ctbus::handler<"Move", [](const right_point&) {}>> {};
#endif
