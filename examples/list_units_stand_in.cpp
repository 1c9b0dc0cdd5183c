// Stands in for systemd where list_units.cpp is tested.
#include <ctbus/ctbus.hpp>

#include <csignal>
#include <string>
#include <tuple>
#include <vector>

using namespace ctbus::literals;
using std::string;

// A tuple inside an array is a struct.
using unit = std::tuple<string, string, string, string, string, string, ctbus::object_path,
    std::uint32_t, string, ctbus::object_path>;

struct stand_in {
    string version = "0 (a stand-in)";

    std::vector<unit> list_units() const {
        return {made("dbus.service", "the bus", "running"),
            made("dbus.socket", "its socket", "listening")};
    }

private:
    static unit made(string name, string description, string state) {
        return {name, description, "loaded", "active", state, "", "/unit"_path, 0, "", "/"_path};
    }
};

// On the system bus, what is not `unprivileged` serves only privileged callers.
struct manager :
    ctbus::vtable<"org.freedesktop.systemd1.Manager", ctbus::unprivileged,
        ctbus::handler<"ListUnits", &stand_in::list_units>,
        ctbus::accessor<"Version", &stand_in::version, ctbus::constant>> {};

int main() {
    auto bus = ctbus::connection::open_default(); // the bus that started it
    const stand_in systemd;
    ctbus::object<manager> object{bus, "/org/freedesktop/systemd1", systemd};
    bus.request_name("org.freedesktop.systemd1");
    bus.run_until({SIGTERM, SIGINT});
}
