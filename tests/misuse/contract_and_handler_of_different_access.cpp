// expect: ctbus: an option is given twice, or two that exclude one another: remove one
// names: "Add"
#include <ctbus/implements.hpp>

int add(int, int);

struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Add", int(int, int), ctbus::unprivileged, ctbus::deprecated>> {};

#ifdef MISUSE
struct table : ctbus::implements<contract, ctbus::handler<"Add", &add, ctbus::capability<3>>> {};
#else
struct table : ctbus::implements<contract, ctbus::handler<"Add", &add, ctbus::unprivileged>> {};
#endif
