// expect: ctbus: an interface's name has to be two or more elements of letters, digits and underscores, none beginning with a digit, joined by dots, at most 255 characters in all
// names: "org.example.my-calculator"
// names: hyphen
#include <ctbus/vtable.hpp>

#ifdef MISUSE
struct table : ctbus::vtable<"org.example.my-calculator"> {};
#else
struct table : ctbus::vtable<"org.example.my_calculator"> {};
#endif
