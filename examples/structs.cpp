// A struct by its fields (uu), and one that travels as a dictionary (a{sv}), where fields may be
// absent and others may be added later without breaking anybody.
#include <ctbus/ctbus.hpp>

#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <variant>

struct resolution {
    std::uint32_t width;
    std::uint32_t height;
};

struct display {
    std::string maker; // the fields' names are the keys
    resolution size;
    std::optional<double> brightness;
};
template <>
inline constexpr bool ctbus::as_dict<display> = true;

struct Displays :
    ctbus::vtable<"org.example.Displays", //
        ctbus::handler<"Describe", [](const std::string& maker) {
            return display{maker, {1920, 1080}, std::nullopt};
        }>> {};

// The same method to somebody who takes any keys, if their values are of these types.
using by_key = std::map<std::string, std::variant<std::string, double, resolution>>;
struct DisplaysByKey :
    ctbus::interface<"org.example.Displays", ctbus::method<"Describe", by_key(std::string)>> {};

void serve(ctbus::connection bus) {
    ctbus::object<Displays> object{bus, "/displays"}; // serves no class, so there is no instance
    static_cast<void>(bus.try_run());                 // until the client closes its end
}

void use(ctbus::connection bus) {
    const display d = ctbus::proxy<Displays>{bus, "/displays"}.call<"Describe">("Acme");
    std::cout << d.maker << ' ' << d.size.width << 'x' << d.size.height << ", brightness "
              << (d.brightness ? "known" : "unknown") << '\n';

    const by_key all = ctbus::proxy<DisplaysByKey>{bus, "/displays"}.call<"Describe">("Acme");
    for (const auto& [key, value] : all) std::cout << "key " << key << '\n';
}

int main() {
    auto [service, client] = ctbus::connection::pair();
    std::jthread thread{serve, std::move(service)};
    use(std::move(client));
}
