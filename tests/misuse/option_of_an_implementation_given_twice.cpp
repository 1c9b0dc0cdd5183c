// expect: ctbus: an option is given twice, or two that exclude one another: remove one
// names: contract
#include <ctbus/implements.hpp>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", int(int, int)>> {};
struct base {
    int add(int, int);
};
struct calculator : base {};

#ifdef MISUSE
struct table :
    ctbus::implements<contract, ctbus::unprivileged, ctbus::unprivileged,
        ctbus::handler<"Add", &base::add>> {};
#else
struct table :
    ctbus::implements<contract, ctbus::serves<calculator>, ctbus::handler<"Add", &base::add>> {};
#endif
