// A service with an object manager: its disks come and go as it is told. It prints "ready".
#include <ctbus/ctbus.hpp>
#include <ctbus/object_manager.hpp>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>

namespace {

// clang-format off
struct disk {
    std::string name;
    std::uint64_t size;
};
struct disk_table : ctbus::vtable<"org.ctbus.Disk",
    ctbus::accessor<"Name", &disk::name, ctbus::constant>,
    ctbus::accessor<"Size", &disk::size, ctbus::writable, ctbus::emits_change>> {};
struct removable_table : ctbus::vtable<"org.ctbus.Removable", ctbus::handler<"Eject", [] {}>> {};
// clang-format on

struct managed_disk : disk {
    managed_disk(const ctbus::connection& bus, ctbus::object_path_view at, std::string n,
                 std::uint64_t s)
        : disk{std::move(n), s}, object{bus, at, *this} {}
    ctbus::managed_object<disk_table, removable_table> object;
};

struct shelf {
    const ctbus::connection& bus;
    std::map<ctbus::object_path, managed_disk> disks;

    ctbus::object_path add(const std::string& name, std::uint64_t size) {
        const auto path = ctbus::object_path{"/org/ctbus/managed"}.child_escaped(name);
        disks.try_emplace(path, bus, path, name, size);
        return path;
    }
    void remove(const ctbus::object_path& path) { disks.erase(path); }
};
struct shelf_table : ctbus::vtable<"org.ctbus.Shelf", ctbus::handler<"Add", &shelf::add>,
                                   ctbus::handler<"Remove", &shelf::remove>> {};

} // namespace

int main() {
    try {
        ctbus::connection bus = ctbus::connection::session();
        const ctbus::object_manager manager{bus, "/org/ctbus/managed"};
        shelf all{bus, {}};
        const ctbus::object<shelf_table> object{bus, "/org/ctbus/shelf", all};
        all.add("first", 1);
        bus.request_name("org.ctbus.Managed");
        std::puts("ready");
        std::fflush(stdout);
        bus.run_until({SIGTERM, SIGINT});
    } catch (const ctbus::error& e) {
        std::fprintf(stderr, "managed_service: %s\n", e.what());
        return 3;
    }
}
