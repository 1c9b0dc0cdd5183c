// expect: ctbus: an option is given twice, or two that exclude one another: remove one
// names: "Add"
#include <ctbus/vtable.hpp>

int add(int, int);

#ifdef MISUSE
struct table :
    ctbus::vtable<"org.example.Calculator",
        ctbus::handler<"Add", &add, ctbus::privileged, ctbus::unprivileged>> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &add, ctbus::privileged>,
        ctbus::unprivileged> {};
#endif
