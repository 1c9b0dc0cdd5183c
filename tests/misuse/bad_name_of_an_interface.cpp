// expect: ctbus: an interface's name has to be two or more elements of letters, digits and underscores, none beginning with a digit, joined by dots, at most 255 characters in all
// names: "calculator"
// names: no_dot
#include <ctbus/interface.hpp>

#ifdef MISUSE
struct contract : ctbus::interface<"calculator"> {};
#else
struct contract : ctbus::interface<"org.example.Calculator"> {};
#endif
