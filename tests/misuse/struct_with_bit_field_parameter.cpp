// expect: ctbus: a struct with bit-fields cannot travel: use whole integers
// names: "Add"
// names: parameter<2>
// names: nesting<
#include <ctbus/interface.hpp>

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

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", void(int, type)>> {};
