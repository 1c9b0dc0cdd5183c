// expect: ctbus: a member's name has to be 1 to 255 letters, digits or underscores and must not begin with a digit
// names: "2nd"
// names: leading_digit
#include <ctbus/interface.hpp>

#ifdef MISUSE
struct contract : ctbus::interface<"org.example.Calculator", ctbus::property<"2nd", int>> {};
#else
struct contract : ctbus::interface<"org.example.Calculator", ctbus::property<"Second", int>> {};
#endif
