// expect: ctbus: this enumeration's integer has no D-Bus form: give it another underlying type, or enum_strings
// names: "Set"
// names: letter
#include <ctbus/interface.hpp>

enum class letter : char { a, b };
enum class number : int { one, two };

#ifdef MISUSE
struct contract : ctbus::interface<"org.example.Calculator", ctbus::method<"Set", void(letter)>> {};
#else
struct contract : ctbus::interface<"org.example.Calculator", ctbus::method<"Set", void(number)>> {};
#endif
