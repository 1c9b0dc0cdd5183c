// expect: ctbus: an interface is made of method<>, property<> and signal<> declarations
// names: "org.example.Calculator"
#include <ctbus/interface.hpp>

inline constexpr int add = 1;

#ifdef MISUSE
struct contract : ctbus::interface<"org.example.Calculator", add> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", int(int, int)>> {};
#endif
