// expect: ctbus: a struct with a base class has no fixed list of fields: make the base a field
// names: "Changed"
// names: vector
#include <ctbus/interface.hpp>

#include <vector>

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
    ctbus::interface<"org.example.Calculator",
        ctbus::signal<"Changed", void(int, std::vector<type>)>> {};
