// expect: ctbus: a C array cannot travel: use std::array, or std::string for text
// names: "Sum"
// names: parameter<1>
// names: int
#include <ctbus/interface.hpp>

#include <span>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Sum", int(const int (&)[3])>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Sum", int(std::span<const int>)>> {};
#endif
