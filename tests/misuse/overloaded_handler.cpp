// expect: function_cast_if_overloaded
// names: calculator::add
#include <ctbus/vtable.hpp>

struct calculator {
    int add(int, int);
    double add(double, double);
};

#ifdef MISUSE
inline constexpr auto add = ctbus::handler<"Add", &calculator::add>;
#else
inline constexpr auto add =
    ctbus::handler<"Add", static_cast<int (calculator::*)(int, int)>(&calculator::add)>;
struct table : ctbus::vtable<"org.example.Calculator", add> {};
#endif
