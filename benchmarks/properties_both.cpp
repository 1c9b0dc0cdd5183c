// Properties of one end of a socket pair: read all at once, announced, and set. The other end is
// the same raw sd-bus code on both sides of a row.
#include "ends.hpp"

#include <ctbus/ctbus.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <systemd/sd-bus.h>
#include <utility>

namespace {

using bench::add;
using bench::check;
using bench::interface;
using bench::keep;
using bench::path;
using bench::properties_interface;

struct served {
    std::int32_t a = 0, b = 1, c = 2, d = 3, e = 4, f = 5, g = 6, h = 7, i = 8, j = 9;
};

// ---- the ctbus side ----

template <ctbus::fixed_string Name, auto Member>
inline constexpr auto announced =
    ctbus::accessor<Name, Member, ctbus::writable, ctbus::emits_change, ctbus::unprivileged>;

struct service_vtable
    : ctbus::vtable<"org.example.Interface", announced<"A", &served::a>, announced<"B", &served::b>,
                    announced<"C", &served::c>, announced<"D", &served::d>,
                    announced<"E", &served::e>, announced<"F", &served::f>,
                    announced<"G", &served::g>, announced<"H", &served::h>,
                    announced<"I", &served::i>, announced<"J", &served::j>> {};

// ---- the raw side, the fastest plain calls ----

struct announced_value {
    const char* name;
    const std::int32_t* value;
};

int announce(sd_bus* bus, const announced_value* all, int count) {
    sd_bus_message* m = nullptr;
    check(sd_bus_message_new_signal(bus, &m, path, properties_interface, "PropertiesChanged"));
    check(sd_bus_message_append_basic(m, 's', interface));
    check(sd_bus_message_open_container(m, 'a', "{sv}"));
    for (const announced_value* one = all; one != all + count; ++one) {
        check(sd_bus_message_open_container(m, 'e', "sv"));
        check(sd_bus_message_append_basic(m, 's', one->name));
        check(sd_bus_message_open_container(m, 'v', "i"));
        check(sd_bus_message_append_basic(m, 'i', one->value));
        check(sd_bus_message_close_container(m));
        check(sd_bus_message_close_container(m));
    }
    check(sd_bus_message_close_container(m));
    check(sd_bus_message_open_container(m, 'a', "s"));
    check(sd_bus_message_close_container(m));
    const int r = sd_bus_send(nullptr, m, nullptr);
    sd_bus_message_unref(m);
    return r;
}

int get_number(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* number,
               sd_bus_error*) {
    return sd_bus_message_append_basic(reply, 'i', number);
}
int set_number(sd_bus* bus, const char*, const char*, const char* name, sd_bus_message* m,
               void* number, sd_bus_error*) {
    const int r = sd_bus_message_read_basic(m, 'i', number);
    const announced_value changed = {name, static_cast<std::int32_t*>(number)};
    return r < 0 ? r : announce(bus, &changed, 1);
}

constexpr sd_bus_vtable raw_row(const char* name, std::size_t offset) {
    return SD_BUS_WRITABLE_PROPERTY(name, "i", get_number, set_number, offset,
                                    SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE |
                                        SD_BUS_VTABLE_UNPRIVILEGED);
}
const sd_bus_vtable raw_rows[] = {
    SD_BUS_VTABLE_START(0),
    raw_row("A", offsetof(served, a)),
    raw_row("B", offsetof(served, b)),
    raw_row("C", offsetof(served, c)),
    raw_row("D", offsetof(served, d)),
    raw_row("E", offsetof(served, e)),
    raw_row("F", offsetof(served, f)),
    raw_row("G", offsetof(served, g)),
    raw_row("H", offsetof(served, h)),
    raw_row("I", offsetof(served, i)),
    raw_row("J", offsetof(served, j)),
    SD_BUS_VTABLE_END,
};

// ---- the rows ----

struct ends {
    std::pair<ctbus::connection, ctbus::connection> both = ctbus::connection::pair();
    served instance;
};

bool add_called(const std::string& name, const char* member, const char* types, auto... values) {
    add("raw_sd_bus/" + name, [=] {
        auto all = std::make_shared<ends>();
        check(sd_bus_add_object_vtable(all->both.first.get(), nullptr, path, interface, raw_rows,
                                       &all->instance));
        return [=] {
            bench::call_and_process(
                all->both, [] {}, properties_interface, member, types, values...);
        };
    });
    return add("ctbus/" + name, [=] {
        auto all = std::make_shared<ends>();
        auto object = std::make_shared<ctbus::object<service_vtable>>(
            all->both.first, ctbus::object_path_view{path}, all->instance);
        return [=] {
            keep(object);
            bench::call_and_process(
                all->both, [] {}, properties_interface, member, types, values...);
        };
    });
}

bool add_announcement() {
    add("raw_sd_bus/property_changed_5", [] {
        auto all = std::make_shared<ends>();
        return [=] {
            const served& of = all->instance;
            const announced_value changed[] = {
                {"A", &of.a}, {"B", &of.b}, {"C", &of.c}, {"D", &of.d}, {"E", &of.e}};
            check(announce(all->both.first.get(), changed, 5));
            bench::process_all(all->both.second.get());
        };
    });
    return add("ctbus/property_changed_5", [] {
        auto all = std::make_shared<ends>();
        auto object = std::make_shared<ctbus::object<service_vtable>>(
            all->both.first, ctbus::object_path_view{path}, all->instance);
        return [=] {
            object->changed<"A", "B", "C", "D", "E">();
            bench::process_all(all->both.second.get());
        };
    });
}

[[maybe_unused]] const bool added[] = {
    add_called("property_get_all_10_service", "GetAll", "s", interface),
    add_called("property_set_announced_service", "Set", "ssv", interface, "A", "i", 5),
    add_announcement(),
};

} // namespace
