// expect: ctbus: this option belongs to the contract's declaration: remove it from the implementation
// names: "Add"
#include <ctbus/implements.hpp>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", double(double, double)>,
        ctbus::property<"Mode", int, ctbus::emits_change>> {};
struct calculator {
    double add(double, double);
    int mode;
};

#ifdef MISUSE
struct table :
    ctbus::implements<contract, ctbus::handler<"Add", &calculator::add, ctbus::timeout_hint<1000>>,
        ctbus::accessor<"Mode", &calculator::mode>> {};
#else
struct table :
    ctbus::implements<contract, ctbus::handler<"Add", &calculator::add>,
        ctbus::accessor<"Mode", &calculator::mode>> {};
#endif
