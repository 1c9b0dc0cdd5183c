// Objects that come and go, and a client that follows them: org.freedesktop.DBus.ObjectManager.
#include <ctbus/ctbus.hpp>
#include <ctbus/object_manager.hpp>
#include <ctbus/object_watch.hpp>

#include <cstdint>
#include <iostream>
#include <map>
#include <string>
#include <thread>

struct Disk :
    ctbus::interface<"org.example.Disk", ctbus::property<"model", std::string>,
        ctbus::property<"size", std::uint64_t>> {};

struct disk { // on the bus, listed and announced, for as long as it lives
    std::string model;
    std::uint64_t size;
    struct vtable :
        ctbus::implements<Disk, ctbus::accessor<"model", &disk::model>,
            ctbus::accessor<"size", &disk::size>> {};
    ctbus::managed_object<vtable> object; // last: it is announced with its properties

    disk(const ctbus::connection& bus, ctbus::object_path_view path, std::string m, std::uint64_t s)
        : model{std::move(m)}, size{s}, object{bus, path, *this} {}
};

struct bay {
    const ctbus::connection& bus;
    std::map<std::string, disk> disks;
    void insert(const std::string& name, const std::string& model, std::uint64_t size) {
        const auto path = ctbus::object_path{"/disks"}.child_escaped(name);
        disks.try_emplace(name, bus, path, model, size);
    }
    void remove(const std::string& name) { disks.erase(name); }
};
struct Bay :
    ctbus::vtable<"org.example.Bay", ctbus::handler<"Insert", &bay::insert>,
        ctbus::handler<"Remove", &bay::remove>> {};

void serve(ctbus::connection bus) {
    const ctbus::object_manager manager{bus, "/disks"};
    bay own{bus, {}};
    const ctbus::object<Bay> object{bus, "/bay", own};
    own.insert("sda", "spinning", 4'000'000'000'000);
    static_cast<void>(bus.try_run());
}

struct properties { // those of Disk
    std::string model;
    std::uint64_t size;
};
template <>
inline constexpr bool ctbus::as_dict<properties> = true;

void use(ctbus::connection bus) {
    const auto watch = ctbus::watch_objects<Disk>(
        bus,
        "/disks",
        [](ctbus::object_path_view path, const properties& p) {
            std::cout << path << ": " << p.model << ", " << p.size / 1'000'000'000 << " GB\n";
        },
        [&](ctbus::object_path_view path) {
            std::cout << path << " is gone\n";
            bus.stop();
        });
    const ctbus::proxy<Bay> hands{bus, "/bay"};
    hands.call<"Insert">("usb stick", "flash", 64'000'000'000u);
    hands.call<"Remove">("usb stick");
    bus.run();
}

int main() {
    auto [service, client] = ctbus::connection::pair();
    std::jthread thread{serve, std::move(service)};
    use(std::move(client));
}
