// expect: ctbus: explicit_get keeps a property out of PropertiesChanged, so that it cannot be emits_change
// names: "Mode"
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
    ctbus::implements<contract, ctbus::handler<"Add", &calculator::add>,
        ctbus::accessor<"Mode", &calculator::mode, ctbus::explicit_get>> {};
#else
struct table :
    ctbus::implements<contract, ctbus::handler<"Add", &calculator::add>,
        ctbus::accessor<"Mode", &calculator::mode>> {};
#endif
