// expect: ctbus: D-Bus has no signed byte: use std::uint8_t or std::int16_t
// names: "Sum"
// names: parameter<2>
#include <ctbus/vtable.hpp>

#include <cstdint>

#ifdef MISUSE
using type = signed char;
#else
using type = std::int16_t;
#endif

int sum(int, type&);
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Sum", &sum>> {};
