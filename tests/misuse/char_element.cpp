// expect: ctbus: char is neither text nor a number: use std::uint8_t for a byte, std::string for text
// names: "Changed"
// names: vector
#include <ctbus/interface.hpp>

#include <cstdint>
#include <vector>

#ifdef MISUSE
using type = char;
#else
using type = std::uint8_t;
#endif

struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::signal<"Changed", void(int, std::vector<type>)>> {};
