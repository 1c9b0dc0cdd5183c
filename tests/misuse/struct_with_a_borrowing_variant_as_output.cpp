// expect: ctbus: a struct that a proxy returns has to own its data: use std::string for std::string_view, a container for std::span
// names: "Get"
#include <ctbus/proxy.hpp>

#include <string>
#include <string_view>
#include <variant>

#ifdef MISUSE
using text = std::string_view;
#else
using text = std::string;
#endif

struct entry {
    std::variant<int, text> value;
};
struct contract : ctbus::interface<"org.example.Entries", ctbus::method<"Get", entry()>> {};

auto use(const ctbus::proxy<contract>& entries) {
    return entries.call<"Get">();
}
