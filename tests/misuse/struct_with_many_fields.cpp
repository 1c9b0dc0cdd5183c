// expect: ctbus: a struct may have at most 32 fields: group them in structs
// names: "Store"
// names: wide
#include <ctbus/interface.hpp>

#include <array>

struct wide {
    int a0, a1, a2, a3, a4, a5, a6, a7, a8, a9;
    int b0, b1, b2, b3, b4, b5, b6, b7, b8, b9;
    int c0, c1, c2, c3, c4, c5, c6, c7, c8, c9;
    int d0, d1, d2;
};
struct just_right {
    int a0, a1, a2, a3, a4, a5, a6, a7, a8, a9;
    int b0, b1, b2, b3, b4, b5, b6, b7, b8, b9;
    int c0, c1, c2, c3, c4, c5, c6, c7, c8, c9;
    int d0, d1;
};

#ifdef MISUSE
struct contract : ctbus::interface<"org.example.Calculator", ctbus::method<"Store", void(wide)>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Store", void(just_right)>> {};
#endif
