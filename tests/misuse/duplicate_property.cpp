// expect: ctbus: two properties of one interface have the same name: rename one
// names: "Mode"
#include <ctbus/interface.hpp>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::property<"Mode", int>,
        ctbus::property<"Mode", double>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::property<"Mode", int>,
        ctbus::method<"Mode", double()>> {};
#endif
