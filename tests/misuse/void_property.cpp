// expect: ctbus: void is not a value
// names: "Empty"
// names: void
#include <ctbus/interface.hpp>

#ifdef MISUSE
struct contract : ctbus::interface<"org.example.Calculator", ctbus::property<"Empty", void>> {};
#else
struct contract : ctbus::interface<"org.example.Calculator", ctbus::property<"Empty", int>> {};
#endif
