// expect: ctbus: a member's name has to be 1 to 255 letters, digits or underscores and must not begin with a digit
// names: "add-all"
// names: hyphen
#include <ctbus/interface.hpp>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"add-all", int(int, int)>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"add_all", int(int, int)>> {};
#endif
