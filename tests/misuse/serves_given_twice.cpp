// expect: ctbus: an option is given twice, or two that exclude one another: remove one
// names: "org.example.Calculator"
#include <ctbus/vtable.hpp>

struct base {
    int add(int, int);
};
struct calculator : base {};

#ifdef MISUSE
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::serves<calculator>, ctbus::serves<base>,
        ctbus::handler<"Add", &base::add>> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::serves<calculator>,
        ctbus::handler<"Add", &base::add>> {};
#endif
