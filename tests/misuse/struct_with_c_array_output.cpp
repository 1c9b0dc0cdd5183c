// expect: ctbus: a struct with a C array cannot travel: use std::array
// names: "Sum"
// names: parameter<2>
#include <ctbus/vtable.hpp>

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

int sum(int, type&);
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Sum", &sum>> {};
