// expect: ctbus: a pointer cannot travel: use the value itself, or std::string_view for text
// names: "Get"
// names: outer
#include <ctbus/interface.hpp>

#ifdef MISUSE
using type = int*;
#else
using type = int;
#endif

struct outer {
    int first;
    type second;
};
struct contract : ctbus::interface<"org.example.Calculator", ctbus::property<"Get", outer>> {};
