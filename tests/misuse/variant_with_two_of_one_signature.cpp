// expect: ctbus: two alternatives of a variant have the same D-Bus signature, so that a reader could not tell them apart: remove one
// names: "Get"
// names: variant<
#include <ctbus/interface.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Get", std::variant<std::int64_t, std::string, std::string_view>()>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Get", std::variant<std::int64_t, std::string>()>> {};
#endif
