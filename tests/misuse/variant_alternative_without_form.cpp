// expect: ctbus: D-Bus has one floating type: use double
// names: "Set"
// names: variant<
// names: float
#include <ctbus/interface.hpp>

#include <string>
#include <variant>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::property<"Set", std::variant<std::string, float>>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::property<"Set", std::variant<std::string, double>>> {};
#endif
