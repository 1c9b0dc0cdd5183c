// expect: ctbus: an error's name has to be two or more elements of letters, digits and underscores, none beginning with a digit, joined by dots, at most 255 characters in all
// names: "Divide"
#include <ctbus/interface.hpp>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Divide", int(int, int), ctbus::errors<"DivisionByZero">>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Divide", int(int, int), ctbus::errors<"org.example.Error.DivisionByZero">>> {
};
#endif
