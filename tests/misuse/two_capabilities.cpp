// expect: ctbus: an option is given twice, or two that exclude one another: remove one
// names: "Add"
#include <ctbus/vtable.hpp>

int add(int, int);

#ifdef MISUSE
struct table :
    ctbus::vtable<"org.example.Calculator",
        ctbus::handler<"Add", &add, ctbus::capability<1>, ctbus::capability<2>>> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator",
        ctbus::handler<"Add", &add, ctbus::capability<1>, ctbus::hidden>> {};
#endif
