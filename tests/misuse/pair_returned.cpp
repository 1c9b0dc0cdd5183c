// expect: ctbus: a returned std::pair could be two outputs or one struct: return std::tuple for two, an aggregate for one
// names: "DivMod"
// names: pair<int, int>
#include <ctbus/vtable.hpp>

#include <tuple>
#include <utility>

std::pair<int, int> bad(int, int);
std::tuple<int, int> good(int, int);

#ifdef MISUSE
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"DivMod", &bad>> {};
#else
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"DivMod", &good>> {};
#endif
