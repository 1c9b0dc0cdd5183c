// expect: ctbus: char is neither text nor a number: use std::uint8_t for a byte, std::string for text
// names: "Add"
// names: parameter<2>
// names: nesting<
#include <ctbus/interface.hpp>

#include <cstdint>

#ifdef MISUSE
using type = char;
#else
using type = std::uint8_t;
#endif

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", void(int, type)>> {};
