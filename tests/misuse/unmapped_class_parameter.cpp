// expect: ctbus: this type has no D-Bus form: use an aggregate, or specialise ctbus::wire for it
// names: "Add"
// names: parameter<2>
// names: nesting<
#include <ctbus/interface.hpp>

class meter {
public:
    meter(int);
};
struct sample {
    int value;
};

#ifdef MISUSE
using type = meter;
#else
using type = sample;
#endif

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", void(int, type)>> {};
