// expect: ctbus: a pointer cannot travel: use the value itself, or std::string_view for text
// names: "Add"
// names: parameter<2>
// names: nesting<
#include <ctbus/interface.hpp>

#ifdef MISUSE
using type = int*;
#else
using type = int;
#endif

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", void(int, type)>> {};
