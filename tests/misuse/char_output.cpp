// expect: ctbus: char is neither text nor a number: use std::uint8_t for a byte, std::string for text
// names: "Sum"
// names: parameter<2>
#include <ctbus/vtable.hpp>

#include <cstdint>

#ifdef MISUSE
using type = char;
#else
using type = std::uint8_t;
#endif

int sum(int, type&);
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Sum", &sum>> {};
