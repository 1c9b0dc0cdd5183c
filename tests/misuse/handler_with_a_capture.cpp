// expect: ctbus: this is not a function that can be a D-Bus method: give a member function, a free function or a captureless lambda whose parameters are not generic
// names: "Scale"
#include <ctbus/vtable.hpp>

#ifdef MISUSE
struct scale {
    int factor;
    int operator()(int a) const { return factor * a; }
};
inline constexpr scale twice{2}; // as a lambda with a capture, which Clang takes for no constant
#else
inline constexpr auto twice = [](int a) { return 2 * a; };
#endif
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Scale", twice>> {};
