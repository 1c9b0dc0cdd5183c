// expect: ctbus: a D-Bus type may nest at most 32 arrays and 32 structs: flatten it
// names: "Walk"
// names: node
#include <ctbus/interface.hpp>

#include <vector>

struct node {
    int value;
    std::vector<node> children;
};
struct flat_node {
    int value;
    std::vector<int> children;
};

#ifdef MISUSE
struct contract : ctbus::interface<"org.example.Calculator", ctbus::method<"Walk", void(node)>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Walk", void(flat_node)>> {};
#endif
