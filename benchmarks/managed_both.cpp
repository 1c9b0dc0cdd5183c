// Objects with an object manager, at one end of a socket pair: listed, and announced as they come
// and go. The other end is the same raw sd-bus code on both sides of a row.
#include "ends.hpp"

#include <ctbus/ctbus.hpp>
#include <ctbus/object_manager.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <systemd/sd-bus.h>
#include <utility>

namespace {

using bench::add;
using bench::check;
using bench::interface;

constexpr const char* manager_interface = "org.freedesktop.DBus.ObjectManager";

struct served {
    std::int32_t level = 7;
    std::int32_t other = 8;
};
struct service_vtable
    : ctbus::vtable<"org.example.Interface", ctbus::accessor<"Level", &served::level>,
                    ctbus::accessor<"Other", &served::other>> {};

// ---- the raw side: sd-bus's own manager ----

int get_number(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* number,
               sd_bus_error*) {
    return sd_bus_message_append_basic(reply, 'i', number);
}
const sd_bus_vtable raw_rows[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("Level", "i", get_number, offsetof(served, level), 0),
    SD_BUS_PROPERTY("Other", "i", get_number, offsetof(served, other), 0),
    SD_BUS_VTABLE_END,
};

// ---- the rows ----

struct ends {
    std::pair<ctbus::connection, ctbus::connection> both = ctbus::connection::pair();
    served instance;

    sd_bus* service() const { return both.first.get(); }
    void hear() const { bench::process_all(both.second.get()); }
    void list() const {
        bench::call_and_process(
            both, [] {}, manager_interface, "GetManagedObjects", "");
    }
};

std::string below(int i) {
    return std::string{bench::path} + "/object" + std::to_string(i);
}

sd_bus_slot* export_raw(ends& all, const std::string& path) {
    sd_bus_slot* slot = nullptr;
    check(sd_bus_add_object_vtable(all.service(), &slot, path.c_str(), interface, raw_rows,
                                   &all.instance));
    return slot;
}

struct managed_ends : ends {
    ctbus::object_manager manager{both.first, ctbus::object_path_view{bench::path}};
    std::deque<ctbus::managed_object<service_vtable>> objects;

    ctbus::object_path at(int i) { return *ctbus::object_path::parse(below(i)); }
};

bool add_list(int count) {
    const std::string name = "managed_objects_" + std::to_string(count);
    add("raw_sd_bus/" + name, [=] {
        auto all = std::make_shared<ends>();
        check(sd_bus_add_object_manager(all->service(), nullptr, bench::path));
        for (int i = 0; i < count; ++i) export_raw(*all, below(i));
        all->hear();
        return [=] { all->list(); };
    });
    return add("ctbus/" + name, [=] {
        auto all = std::make_shared<managed_ends>();
        for (int i = 0; i < count; ++i) {
            all->objects.emplace_back(all->both.first, all->at(i), all->instance);
            all->hear();
        }
        return [=] { all->list(); };
    });
}

bool add_announced() {
    add("raw_sd_bus/managed_object_announced", [] {
        auto all = std::make_shared<ends>();
        check(sd_bus_add_object_manager(all->service(), nullptr, bench::path));
        return [=, path = below(1)] {
            sd_bus_slot* const slot = export_raw(*all, path);
            check(sd_bus_emit_interfaces_added(all->service(), path.c_str(), interface, nullptr));
            check(sd_bus_emit_interfaces_removed(all->service(), path.c_str(), interface, nullptr));
            sd_bus_slot_unref(slot);
            all->hear();
        };
    });
    return add("ctbus/managed_object_announced", [] {
        auto all = std::make_shared<managed_ends>();
        return [=, path = all->at(1)] {
            static_cast<void>(ctbus::managed_object<service_vtable>{
                all->both.first, ctbus::object_path_view{path}, all->instance});
            all->hear();
        };
    });
}

[[maybe_unused]] const bool added[] = {add_list(1), add_list(100), add_announced()};

} // namespace
