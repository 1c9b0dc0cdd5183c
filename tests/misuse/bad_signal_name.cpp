// expect: ctbus: a member's name has to be 1 to 255 letters, digits or underscores and must not begin with a digit
// names: "Value.Changed"
// names: dot
#include <ctbus/interface.hpp>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::signal<"Value.Changed", void(int)>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::signal<"ValueChanged", void(int)>> {};
#endif
