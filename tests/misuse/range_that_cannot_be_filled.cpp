// expect: ctbus: this range cannot be filled by reading: use a container with clear() and push_back() or insert(), or a std::span<const T> of fixed-size numbers
// names: "Set"
// names: parameter<1>
// names: span
#include <ctbus/interface.hpp>

#include <span>
#include <string>
#include <vector>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Set", void(std::span<const std::string>)>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Set", void(std::vector<std::string>)>> {};
#endif
