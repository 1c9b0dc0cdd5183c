// expect: ctbus: a struct with a base class has no fixed list of fields: make the base a field
// names: "Sum"
// names: parameter<2>
#include <ctbus/vtable.hpp>

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

int sum(int, type&);
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Sum", &sum>> {};
