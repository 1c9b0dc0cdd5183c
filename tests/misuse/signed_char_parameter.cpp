// expect: ctbus: D-Bus has no signed byte: use std::uint8_t or std::int16_t
// names: "Add"
// names: parameter<2>
// names: nesting<
#include <ctbus/interface.hpp>

#include <cstdint>

#ifdef MISUSE
using type = signed char;
#else
using type = std::int16_t;
#endif

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", void(int, type)>> {};
