// expect: ctbus: two alternatives of a variant have the same D-Bus signature, so that a reader could not tell them apart: remove one
// names: "Set"
// names: variant<
#include <ctbus/interface.hpp>

#include <string>
#include <variant>
#include <vector>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Set", void(std::vector<std::variant<long, long long>>)>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Set", void(std::vector<std::variant<long, int>>)>> {};
#endif
