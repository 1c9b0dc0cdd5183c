// Calls, signals, properties and objects between two ends of a socket pair, in one thread. The
// other end is the same raw sd-bus code on both sides of a row.
#include "ends.hpp"

#include <ctbus/ctbus.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <systemd/sd-bus.h>
#include <utility>

namespace {

using bench::add;
using bench::answering_call;
using bench::answering_peer;
using bench::call_and_process;
using bench::check;
using bench::interface;
using bench::keep;
using bench::path;
using bench::process_all;

struct served {
    std::int32_t level = 7;
    std::int32_t twice(std::int32_t n) { return 2 * n; }
    std::int32_t twice_by_message(std::int32_t n, const ctbus::message& call) {
        call.reply(2 * n);
        return 0;
    }
};

// ---- the ctbus side ----

// clang-format off
struct service_vtable : ctbus::vtable<"org.example.Interface",
    ctbus::handler<"Twice", &served::twice>,
    ctbus::handler<"Reply", &served::twice_by_message>,
    ctbus::accessor<"Level", &served::level>,
    ctbus::signal<"Changed", void(std::int32_t, std::string)>> {};
// clang-format on

// ---- the raw side, the fastest plain calls ----

int raw_twice(sd_bus_message* m, void*, sd_bus_error*) {
    std::int32_t n = 0;
    int r = sd_bus_message_read_basic(m, 'i', &n);
    if (r < 0) return r;
    n *= 2;
    sd_bus_message* reply = nullptr;
    if ((r = sd_bus_message_new_method_return(m, &reply)) < 0) return r;
    if ((r = sd_bus_message_append_basic(reply, 'i', &n)) >= 0)
        r = sd_bus_send(nullptr, reply, nullptr);
    sd_bus_message_unref(reply);
    return r < 0 ? r : 1;
}

int raw_level(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* userdata,
              sd_bus_error*) {
    return sd_bus_message_append_basic(reply, 'i', &static_cast<served*>(userdata)->level);
}

const sd_bus_vtable raw_rows[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Twice", "i", "i", raw_twice, 0),
    SD_BUS_METHOD("Reply", "i", "i", raw_twice, 0),
    SD_BUS_PROPERTY("Level", "i", raw_level, 0, 0),
    SD_BUS_SIGNAL("Changed", "is", 0),
    SD_BUS_VTABLE_END,
};

// ---- the two ends ----

struct ends {
    std::pair<ctbus::connection, ctbus::connection> both = ctbus::connection::pair();
    served instance;
    std::optional<ctbus::object<service_vtable>> object;
    sd_bus_slot* slot = nullptr;
    sd_bus* service() const { return both.first.get(); }
    sd_bus* client() const { return both.second.get(); }
    ~ends() { sd_bus_slot_unref(slot); }

    void serve_with_ctbus() { object.emplace(both.first, ctbus::object_path_view{path}, instance); }
    void serve_with_raw() {
        check(sd_bus_add_object_vtable(service(), &slot, path, interface, raw_rows, &instance));
    }
};

bool add_served(const std::string& name, const char* of, const char* member, const char* types,
                auto... values) {
    const auto row = [=](auto start) {
        return [=] {
            auto all = std::make_shared<ends>();
            start(*all);
            return [=] {
                call_and_process(
                    all->both, [] {}, of, member, types, values...);
            };
        };
    };
    add("raw_sd_bus/" + name, row([](ends& all) { all.serve_with_raw(); }));
    return add("ctbus/" + name, row([](ends& all) { all.serve_with_ctbus(); }));
}

// ---- the rows ----

int take_signal(sd_bus_message* m, void* userdata, sd_bus_error*) {
    std::int32_t number = 0;
    const char* word = nullptr;
    check(sd_bus_message_read_basic(m, 'i', &number));
    check(sd_bus_message_read_basic(m, 's', &word));
    *static_cast<int*>(userdata) += number;
    return 0;
}

void emit_raw(sd_bus* bus) {
    const std::int32_t number = 5;
    sd_bus_message* m = nullptr;
    check(sd_bus_message_new_signal(bus, &m, path, interface, "Changed"));
    check(sd_bus_message_append_basic(m, 'i', &number));
    check(sd_bus_message_append_basic(m, 's', "some text"));
    check(sd_bus_send(nullptr, m, nullptr));
    sd_bus_message_unref(m);
}

bool add_signals() {
    add("raw_sd_bus/signal_emit", [] {
        auto all = std::make_shared<ends>();
        all->serve_with_raw();
        return [=] {
            emit_raw(all->service());
            process_all(all->client());
        };
    });
    return add("ctbus/signal_emit", [] {
        auto all = std::make_shared<ends>();
        all->serve_with_ctbus();
        return [=] {
            all->object->emit<"Changed">(5, "some text");
            process_all(all->client());
        };
    });
}

// Subscribers of one connection, which hear one signal.
template <int Count>
bool add_subscribers(const std::string& name) {
    add("raw_sd_bus/" + name, [] {
        auto all = std::make_shared<ends>();
        auto sum = std::make_shared<int>();
        for (int i = 0; i < Count; ++i)
            check(sd_bus_add_match(all->client(), nullptr,
                                   "type='signal',path='/org/example/Object',interface='org."
                                   "example.Interface',member='Changed'",
                                   take_signal, sum.get()));
        return [=] {
            emit_raw(all->service());
            process_all(all->client());
            keep(*sum);
        };
    });
    return add("ctbus/" + name, [] {
        auto all = std::make_shared<ends>();
        auto sum = std::make_shared<int>();
        ctbus::proxy<service_vtable> proxy{all->both.second, path};
        auto heard = std::make_shared<std::array<ctbus::subscription, Count>>();
        for (ctbus::subscription& one : *heard)
            one = proxy.on<"Changed">([sum](std::int32_t number, const char*) { *sum += number; });
        return [=] {
            emit_raw(all->service());
            while (all->both.second.process()) {
            }
            keep(*heard);
        };
    });
}

// sd-bus keeps objects in hash tables whose seed is random: over several paths that evens out.
constexpr ctbus::object_path_view paths[] = {
    "/org/example/Object",  "/org/example/Printer", "/org/example/Lamp",   "/org/example/Disk",
    "/org/example/Network", "/org/example/Battery", "/org/example/Sensor", "/org/example/Clock",
    "/com/example/Object",  "/com/example/Printer", "/com/example/Lamp",   "/com/example/Disk",
    "/com/example/Network", "/com/example/Battery", "/com/example/Sensor", "/com/example/Clock",
};

bool add_objects() {
    add("raw_sd_bus/16_objects", [] {
        auto all = std::make_shared<ends>();
        return [=] {
            for (const ctbus::object_path_view& at : paths) {
                sd_bus_slot* slot = nullptr;
                check(sd_bus_add_object_vtable(all->service(), &slot, at.c_str(), interface,
                                               raw_rows, &all->instance));
                sd_bus_slot_unref(slot);
            }
        };
    });
    return add("ctbus/16_objects", [] {
        auto all = std::make_shared<ends>();
        return [=] {
            for (const ctbus::object_path_view& at : paths) {
                ctbus::object<service_vtable> object{all->both.first, at, all->instance};
                keep(object);
            }
        };
    });
}

std::shared_ptr<answering_peer> answering_get() {
    return std::make_shared<answering_peer>("v", std::string_view{"\1i\0\0\7\0\0\0", 8});
}

bool add_client() {
    add("raw_sd_bus/call_client", [] {
        auto peer = answering_call();
        return [=] {
            peer->answer();
            const std::int32_t n = 21;
            std::int32_t twice = 0;
            sd_bus_message *m = nullptr, *reply = nullptr;
            check(sd_bus_message_new_method_call(peer->client(), &m, nullptr, path, interface,
                                                 "Twice"));
            check(sd_bus_message_append_basic(m, 'i', &n));
            sd_bus_error error = SD_BUS_ERROR_NULL;
            check(sd_bus_call(peer->client(), m, 0, &error, &reply));
            check(sd_bus_message_read_basic(reply, 'i', &twice));
            sd_bus_message_unref(reply);
            sd_bus_message_unref(m);
            keep(twice);
        };
    });
    add("ctbus/call_client", [] {
        auto peer = answering_call();
        ctbus::proxy<service_vtable> proxy{peer->both.second, path};
        return [=] {
            peer->answer();
            const std::int32_t twice = proxy.call<"Twice">(21);
            keep(twice);
        };
    });
    add("raw_sd_bus/property_get_client", [] {
        auto peer = answering_get();
        return [=] {
            peer->answer();
            std::int32_t level = 0;
            sd_bus_message *m = nullptr, *reply = nullptr;
            check(sd_bus_message_new_method_call(peer->client(), &m, nullptr, path,
                                                 "org.freedesktop.DBus.Properties", "Get"));
            check(sd_bus_message_append_basic(m, 's', interface));
            check(sd_bus_message_append_basic(m, 's', "Level"));
            sd_bus_error error = SD_BUS_ERROR_NULL;
            check(sd_bus_call(peer->client(), m, 0, &error, &reply));
            check(sd_bus_message_enter_container(reply, 'v', "i"));
            check(sd_bus_message_read_basic(reply, 'i', &level));
            sd_bus_message_unref(reply);
            sd_bus_message_unref(m);
            keep(level);
        };
    });
    return add("ctbus/property_get_client", [] {
        auto peer = answering_get();
        ctbus::proxy<service_vtable> proxy{peer->both.second, path};
        return [=] {
            peer->answer();
            const std::int32_t level = proxy.get<"Level">();
            keep(level);
        };
    });
}

[[maybe_unused]] const bool added[] = {
    add_served("call_service", interface, "Twice", "i", 21),
    add_served("reply_service", interface, "Reply", "i", 21),
    add_served("property_get_service", "org.freedesktop.DBus.Properties", "Get", "ss", interface,
               "Level"),
    add_signals(),
    add_subscribers<1>("signal_receive"),
    add_subscribers<20>("signal_receive_20"),
    add_objects(),
    add_client(),
};

} // namespace
