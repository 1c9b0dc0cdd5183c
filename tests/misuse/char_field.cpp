// expect: ctbus: char is neither text nor a number: use std::uint8_t for a byte, std::string for text
// names: "Get"
// names: outer
#include <ctbus/interface.hpp>

#include <cstdint>

#ifdef MISUSE
using type = char;
#else
using type = std::uint8_t;
#endif

struct outer {
    int first;
    type second;
};
struct contract : ctbus::interface<"org.example.Calculator", ctbus::property<"Get", outer>> {};
