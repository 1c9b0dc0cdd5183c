// expect: ctbus: a struct with a base class has no fixed list of fields: make the base a field
// names: "Add"
// names: parameter<2>
// names: nesting<
#include <ctbus/interface.hpp>

struct sample {
    int value;
};
struct derived : sample {
    int more;
};
struct composed {
    sample base;
    int more;
};

#ifdef MISUSE
using type = derived;
#else
using type = composed;
#endif

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", void(int, type)>> {};
