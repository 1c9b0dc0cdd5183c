// expect: ctbus: returns<...> names another number of outputs than the function has: give one name for each output
// names: "Half"
#include <ctbus/vtable.hpp>

double half(double x) {
    return x / 2;
}

struct calculator_vtable :
    ctbus::vtable<"org.example.Calculator",
#ifdef MISUSE
        ctbus::handler<"Half", &half, ctbus::returns<>>
#else
        ctbus::handler<"Half", &half>
#endif
        > {
};
