// expect: ctbus: a union does not know what it holds: use std::variant
// names: "Changed"
// names: vector
#include <ctbus/interface.hpp>

#include <string>
#include <variant>
#include <vector>

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
    ctbus::interface<"org.example.Calculator",
        ctbus::signal<"Changed", void(int, std::vector<type>)>> {};
