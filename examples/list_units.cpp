// What systemd runs: a proxy for a service that somebody else wrote, on the system bus.
#include <ctbus/ctbus.hpp>

#include <iostream>
#include <string>
#include <vector>

struct unit { // (ssssssouso)
    std::string name;
    std::string description;
    std::string load_state;
    std::string active_state;
    std::string sub_state;
    std::string followed;
    ctbus::object_path path;
    std::uint32_t job_id;
    std::string job_type;
    ctbus::object_path job_path;
};

struct Manager :
    ctbus::interface<"org.freedesktop.systemd1.Manager",
        ctbus::method<"ListUnits", std::vector<unit>()>,
        ctbus::property<"Version", std::string, ctbus::constant>> {};

int main() {
    auto bus = ctbus::connection::system();
    ctbus::proxy<Manager> systemd{bus, "org.freedesktop.systemd1", "/org/freedesktop/systemd1"};
    std::cout << "systemd " << systemd.get<"Version">() << '\n';
    for (const unit& u : systemd.call<"ListUnits">())
        std::cout << u.name << ": " << u.active_state << " (" << u.sub_state << "), "
                  << u.description << '\n';
}
