// expect: ctbus: D-Bus has no signed byte: use std::uint8_t or std::int16_t
// names: "Get"
// names: outer
#include <ctbus/interface.hpp>

#include <cstdint>

#ifdef MISUSE
using type = signed char;
#else
using type = std::int16_t;
#endif

struct outer {
    int first;
    type second;
};
struct contract : ctbus::interface<"org.example.Calculator", ctbus::property<"Get", outer>> {};
