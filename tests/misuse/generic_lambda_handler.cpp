// expect: ctbus: this is not a function that can be a D-Bus method: give a member function, a free function or a captureless lambda whose parameters are not generic
// names: "Half"
#include <ctbus/vtable.hpp>

#ifdef MISUSE
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::handler<"Half", [](auto x) { return x / 2; }>> {
};
#else
struct table :
    ctbus::vtable<"org.example.Calculator",
        ctbus::handler<"Half", [](double x) { return x / 2; }>> {};
#endif
