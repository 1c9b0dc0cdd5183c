// expect: ctbus: an rvalue reference can be neither a parameter nor a result: take an input as T or const T&, an output as T&, and return a value
// names: "Write"
// names: parameter<2>
#include <ctbus/interface.hpp>

#include <string>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Write", void(int, std::string&&)>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Write", void(int, const std::string&)>> {};
#endif
