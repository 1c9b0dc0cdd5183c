// expect: ctbus: this type has no D-Bus form: use an aggregate, or specialise ctbus::wire for it
// names: "Sum"
// names: parameter<2>
#include <ctbus/vtable.hpp>

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

int sum(int, type&);
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Sum", &sum>> {};
