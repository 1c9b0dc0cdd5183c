// expect: ctbus: a struct that a proxy returns has to own its data: use std::string for std::string_view, a container for std::span
// names: "Settings"
#include <ctbus/proxy.hpp>

#include <optional>
#include <string>
#include <string_view>

#ifdef MISUSE
using text = std::string_view;
#else
using text = std::string;
#endif

struct settings {
    std::optional<text> title;
};
template <>
inline constexpr bool ctbus::as_dict<settings> = true;

struct contract : ctbus::interface<"org.example.Window", ctbus::property<"Settings", settings>> {};

auto use(const ctbus::proxy<contract>& window) {
    return window.get<"Settings">();
}
