// expect: ctbus: an rvalue reference can be neither a parameter nor a result: take an input as T or const T&, an output as T&, and return a value
// names: "Read"
// names: the_result
#include <ctbus/interface.hpp>

#include <string>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Read", std::string && ()>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Read", std::string()>> {};
#endif
