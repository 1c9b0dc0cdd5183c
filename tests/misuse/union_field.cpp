// expect: ctbus: a union does not know what it holds: use std::variant
// names: "Get"
// names: outer
#include <ctbus/interface.hpp>

#include <string>
#include <variant>

union either {
    int number;
    double real;
};

#ifdef MISUSE
using type = either;
#else
using type = std::variant<int, double>;
#endif

struct outer {
    int first;
    type second;
};
struct contract : ctbus::interface<"org.example.Calculator", ctbus::property<"Get", outer>> {};
