// expect: ctbus: wire<T> is specialised without a public type: name what T travels as, using type = W
// names: "Temperature"
// names: celsius
#include <ctbus/interface.hpp>

struct celsius {
    int degrees;
};

template <>
struct ctbus::wire<celsius> {
#ifdef MISUSE
    using Type = int;
#else
    using type = int;
#endif
    static int to(const celsius& c) {
        return c.degrees;
    }
    static celsius from(int degrees) {
        return {degrees};
    }
};

struct contract :
    ctbus::interface<"org.example.Heater", ctbus::property<"Temperature", celsius>> {};
