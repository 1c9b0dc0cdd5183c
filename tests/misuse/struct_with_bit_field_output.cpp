// expect: ctbus: a struct with bit-fields cannot travel: use whole integers
// names: "Sum"
// names: parameter<2>
#include <ctbus/vtable.hpp>

#include <string>

struct packed {
    std::string name;
    unsigned ready : 1;
};
struct plain {
    std::string name;
    bool ready;
};

#ifdef MISUSE
using type = packed;
#else
using type = plain;
#endif

int sum(int, type&);
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Sum", &sum>> {};
