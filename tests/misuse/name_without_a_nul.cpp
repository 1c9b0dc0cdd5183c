// expect: ctbus: a member's name has to be 1 to 255 letters, digits or underscores and must not begin with a digit
#include <ctbus/proxy.hpp>

#ifdef MISUSE
constexpr char name[] = {'M', 'a', 'x'};
#else
constexpr char name[] = {'M', 'a', 'x', 0};
#endif
struct contract : ctbus::interface<"org.example.Calculator", ctbus::method<name, void()>> {};
ctbus::proxy<contract>* use;
