// expect: ctbus: D-Bus has no signed byte: use std::uint8_t or std::int16_t
// names: "Changed"
// names: vector
#include <ctbus/interface.hpp>

#include <cstdint>
#include <vector>

#ifdef MISUSE
using type = signed char;
#else
using type = std::int16_t;
#endif

struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::signal<"Changed", void(int, std::vector<type>)>> {};
