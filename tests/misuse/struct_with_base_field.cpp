// expect: ctbus: a struct with a base class has no fixed list of fields: make the base a field
// names: "Get"
// names: outer
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

struct outer {
    int first;
    type second;
};
struct contract : ctbus::interface<"org.example.Calculator", ctbus::property<"Get", outer>> {};
