// expect: ctbus: this type has no D-Bus form: use an aggregate, or specialise ctbus::wire for it
// names: "Changed"
// names: vector
#include <ctbus/interface.hpp>

#include <vector>

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
    ctbus::interface<"org.example.Calculator",
        ctbus::signal<"Changed", void(int, std::vector<type>)>> {};
