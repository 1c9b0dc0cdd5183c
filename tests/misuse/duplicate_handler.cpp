// expect: ctbus: two methods of one interface have the same name: D-Bus has no overloading, rename one
// names: "Add"
#include <ctbus/vtable.hpp>

int add(int, int);

#ifdef MISUSE
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &add>,
        ctbus::handler<"Add", &add>> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &add>,
        ctbus::handler<"Sum", &add>> {};
#endif
