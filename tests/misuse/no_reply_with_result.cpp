// expect: ctbus: a no_reply method cannot have a result or outputs: nobody would get them
// names: "Reset"
#include <ctbus/interface.hpp>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Reset", bool(), ctbus::no_reply>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Reset", void(), ctbus::no_reply>> {};
#endif
