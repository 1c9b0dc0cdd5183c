// expect: ctbus: a struct with bit-fields cannot travel: use whole integers
// names: "Get"
// names: outer
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

struct outer {
    int first;
    type second;
};
struct contract : ctbus::interface<"org.example.Calculator", ctbus::property<"Get", outer>> {};
