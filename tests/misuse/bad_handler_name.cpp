// expect: ctbus: a member's name has to be 1 to 255 letters, digits or underscores and must not begin with a digit
// names: "add all"
// names: bad_character
#include <ctbus/vtable.hpp>

int add(int, int);

#ifdef MISUSE
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"add all", &add>> {};
#else
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"add_all", &add>> {};
#endif
