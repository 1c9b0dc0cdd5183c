// expect: ctbus: D-Bus has one floating type: use double
// names: "Options"
// names: settings
// names: float
#include <ctbus/interface.hpp>

#include <optional>
#include <string>

template <class Number>
struct settings {
    std::string name;
    std::optional<Number> scale;
};
template <class Number>
inline constexpr bool ctbus::as_dict<settings<Number>> = true;

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::property<"Options", settings<float>>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::property<"Options", settings<double>>> {};
#endif
