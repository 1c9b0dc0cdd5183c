// expect: ctbus: a union does not know what it holds: use std::variant
// names: "Add"
// names: parameter<2>
// names: nesting<
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

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", void(int, type)>> {};
