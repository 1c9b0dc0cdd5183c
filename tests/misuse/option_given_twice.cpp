// expect: ctbus: an option is given twice, or two that exclude one another: remove one
// names: "Reset"
#include <ctbus/interface.hpp>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Reset", void(), ctbus::no_reply, ctbus::no_reply>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Reset", void(), ctbus::no_reply>> {};
#endif
