// expect: ctbus: a struct with a C array cannot travel: use std::array
// names: "Changed"
// names: vector
#include <ctbus/interface.hpp>

#include <array>
#include <vector>

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
    ctbus::interface<"org.example.Calculator",
        ctbus::signal<"Changed", void(int, std::vector<type>)>> {};
