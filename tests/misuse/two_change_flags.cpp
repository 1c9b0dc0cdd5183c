// expect: ctbus: a property is at most one of constant, emits_change and emits_invalidation
// names: "Mode"
#include <ctbus/interface.hpp>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::property<"Mode", int, ctbus::constant, ctbus::emits_change>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::property<"Mode", int, ctbus::emits_change>> {
};
#endif
