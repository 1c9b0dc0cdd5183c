// expect: ctbus: this type has no D-Bus form: use an aggregate, or specialise ctbus::wire for it
// names: "Get"
// names: any
#include <ctbus/interface.hpp>
#include <ctbus/variant.hpp>

#include <any>

#ifdef MISUSE
using type = std::any;
#else
using type = ctbus::variant;
#endif

// Its first field takes anything, a base class among it: still it has none.
struct outer {
    type first;
    int second;
};
struct contract : ctbus::interface<"org.example.Calculator", ctbus::property<"Get", outer>> {};
