// expect: ctbus: a reference cannot be stored in a D-Bus type: use the value itself
// names: "Find"
// names: nesting<int
#include <ctbus/interface.hpp>

#include <string>
#include <tuple>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Find", std::tuple<int&, std::string&>()>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Find", std::tuple<int, std::string>()>> {};
#endif
