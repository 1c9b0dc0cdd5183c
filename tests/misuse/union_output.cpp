// expect: ctbus: a union does not know what it holds: use std::variant
// names: "Sum"
// names: parameter<2>
#include <ctbus/vtable.hpp>

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

int sum(int, type&);
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Sum", &sum>> {};
