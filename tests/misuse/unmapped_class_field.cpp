// expect: ctbus: this type has no D-Bus form: use an aggregate, or specialise ctbus::wire for it
// names: "Get"
// names: outer
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

struct outer {
    int first;
    type second;
};
struct contract : ctbus::interface<"org.example.Calculator", ctbus::property<"Get", outer>> {};
