// expect: ctbus: D-Bus has one floating type: use double
// names: "Mode"
// names: float
#include <ctbus/vtable.hpp>

#ifdef MISUSE
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::accessor<"Mode", [] { return 0.5f; }>> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::accessor<"Mode", [] { return 0.5; }>> {};
#endif
