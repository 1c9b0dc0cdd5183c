// expect: ctbus: D-Bus has one floating type: use double
// names: "Changed"
// names: vector
#include <ctbus/interface.hpp>

#include <vector>

#ifdef MISUSE
using type = float;
#else
using type = double;
#endif

struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::signal<"Changed", void(int, std::vector<type>)>> {};
