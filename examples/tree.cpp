// A tree of objects: rooms come and go below /rooms while the service runs.
#include <ctbus/ctbus.hpp>

#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <thread>

struct room { // on the bus for as long as it lives
    room(const ctbus::connection& bus, ctbus::object_path_view path) : object{bus, path, *this} {}
    std::uint32_t lamps = 0;
    struct Room : ctbus::vtable<"org.example.Room", ctbus::accessor<"Lamps", &room::lamps>> {};
    ctbus::object<Room> object;
};

struct house {
    const ctbus::connection& bus;
    std::map<ctbus::object_path, room> rooms;
    ctbus::object_path build(const std::string& name) {
        const auto path = ctbus::object_path{"/rooms"}.child_escaped(name);
        return rooms.try_emplace(path, bus, path).first->first;
    }
    bool demolish(const ctbus::object_path& path) { return rooms.erase(path) != 0; }
};
struct House :
    ctbus::vtable<"org.example.House", ctbus::handler<"Build", &house::build>,
        ctbus::handler<"Demolish", &house::demolish>> {};

// Every path answers this by itself, and names its children.
struct Tree :
    ctbus::interface<"org.freedesktop.DBus.Introspectable",
        ctbus::method<"Introspect", std::string()>> {};

void serve(ctbus::connection bus) {
    house home{bus, {}};
    ctbus::object<House> object{bus, "/rooms", home};
    static_cast<void>(bus.try_run());
}

void list(const ctbus::connection& bus) {
    std::istringstream xml{ctbus::proxy<Tree>{bus, "/rooms"}.call<"Introspect">()};
    for (std::string line; std::getline(xml, line);)
        if (line.starts_with(" <node")) std::cout << line << '\n';
}

void use(ctbus::connection bus) {
    ctbus::proxy<House> home{bus, "/rooms"};
    const auto kitchen = home.call<"Build">("kitchen");
    home.call<"Build">("guest room"); // a path has no spaces: it is escaped
    list(bus);
    if (home.call<"Demolish">(kitchen)) list(bus);
}

int main() {
    auto [service, client] = ctbus::connection::pair();
    std::jthread thread{serve, std::move(service)};
    use(std::move(client));
}
