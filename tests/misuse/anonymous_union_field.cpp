// expect: ctbus: a union does not know what it holds: use std::variant
// names: "Set"
// names: nesting<either
#include <ctbus/interface.hpp>

#include <variant>

struct either {
    int kind;
    union {
        int number;
        double real;
    };
};
struct plain {
    int kind;
    std::variant<int, double> value;
};

#ifdef MISUSE
struct contract : ctbus::interface<"org.example.Calculator", ctbus::method<"Set", void(either)>> {};
#else
struct contract : ctbus::interface<"org.example.Calculator", ctbus::method<"Set", void(plain)>> {};
#endif
