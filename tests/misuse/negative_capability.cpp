// expect: ctbus: a capability is one of the numbers CAP_... of linux/capability.h, which are from 0 to 63
// names: "Add"
#include <ctbus/vtable.hpp>

int add(int, int);

#ifdef MISUSE
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &add, ctbus::capability<-1>>> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &add, ctbus::capability<0>>> {};
#endif
