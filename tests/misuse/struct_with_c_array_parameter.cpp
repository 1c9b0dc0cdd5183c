// expect: ctbus: a struct with a C array cannot travel: use std::array
// names: "Add"
// names: parameter<2>
// names: nesting<
#include <ctbus/interface.hpp>

#include <array>

struct old {
    int values[3];
};
struct sample {
    std::array<int, 3> values;
};

#ifdef MISUSE
using type = old;
#else
using type = sample;
#endif

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", void(int, type)>> {};
