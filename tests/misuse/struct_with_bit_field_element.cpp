// expect: ctbus: a struct with bit-fields cannot travel: use whole integers
// names: "Changed"
// names: vector
#include <ctbus/interface.hpp>

#include <string>
#include <vector>

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
    ctbus::interface<"org.example.Calculator",
        ctbus::signal<"Changed", void(int, std::vector<type>)>> {};
