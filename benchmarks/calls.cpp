// Calls, signals, properties and objects between two ends of a socket pair, in one thread. The
// other end is the same raw sd-bus code on both sides of a row.
#include "rows.hpp"

#include <ctbus/ctbus.hpp>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <systemd/sd-bus.h>
#include <utility>

namespace {

using bench::add;
using bench::check;
using bench::keep;

constexpr char path[] = "/org/example/Object";
constexpr char interface[] = "org.example.Interface";

struct served {
    std::int32_t level = 7;
    std::int32_t twice(std::int32_t n) { return 2 * n; }
};

// ---- the ctbus side ----

// clang-format off
struct service_vtable : ctbus::vtable<"org.example.Interface",
    ctbus::handler<"Twice", &served::twice>,
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
    SD_BUS_PROPERTY("Level", "i", raw_level, 0, 0),
    SD_BUS_SIGNAL("Changed", "is", 0),
    SD_BUS_VTABLE_END,
};

// ---- the two ends ----

void process_all(sd_bus* bus) {
    while (check(sd_bus_process(bus, nullptr)) > 0) {
    }
}

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

int take_reply(sd_bus_message* m, void* userdata, sd_bus_error*) {
    *static_cast<bool*>(userdata) = true;
    keep(m);
    return 1;
}

// A raw client's call through the service and back.
void call_and_process(ends& all, const char* of, const char* member, const char* types,
                      auto... values) {
    sd_bus_message* m = nullptr;
    bool done = false;
    check(sd_bus_message_new_method_call(all.client(), &m, nullptr, path, of, member));
    check(sd_bus_message_append(m, types, values...));
    check(sd_bus_call_async(all.client(), nullptr, m, take_reply, &done, 0));
    sd_bus_message_unref(m);
    process_all(all.service());
    process_all(all.client());
    if (!done) bench::give_up(member, -ETIMEDOUT);
}

bool add_served(const std::string& name, const char* of, const char* member, const char* types,
                auto... values) {
    const auto row = [=](auto start) {
        return [=] {
            auto all = std::make_shared<ends>();
            start(*all);
            return [=] { call_and_process(*all, of, member, types, values...); };
        };
    };
    add("raw_sd_bus/" + name, row([](ends& all) { all.serve_with_raw(); }));
    return add("ctbus/" + name, row([](ends& all) { all.serve_with_ctbus(); }));
}

// ---- a client's blocking call: the answer lies in its socket already, so that it never waits ----

// A reply in the little-endian form of the wire, without a body of more than 12 bytes.
struct answering_peer {
    std::pair<ctbus::connection, ctbus::connection> both = ctbus::connection::pair();
    int fd = check(sd_bus_get_fd(both.first.get()));
    std::string reply;
    std::uint32_t cookie = 0;

    answering_peer(const char* signature, std::string_view body) {
        const char fixed[] = {'l', 2, 1, 1};
        reply.assign(fixed, sizeof fixed);
        add(static_cast<std::uint32_t>(body.size()));
        add(1);                             // its own serial number
        add(15);                            // the length of the fields
        reply.append("\5\1u\0", 4), add(0); // which call it answers
        reply.append("\10\1g\0\1", 5);      // its signature
        reply.append(signature, 2);         // one character
        reply.append(1, '\0');              // to a multiple of eight
        reply.append(body);
    }
    sd_bus* client() const { return both.second.get(); }

    /// Answers the client's next call, and takes the one before out of the socket.
    void answer() {
        char taken[1024];
        while (::recv(fd, taken, sizeof taken, MSG_DONTWAIT) > 0) {
        }
        ++cookie;
        std::memcpy(reply.data() + 20, &cookie, sizeof cookie);
        if (::send(fd, reply.data(), reply.size(), 0) != static_cast<ssize_t>(reply.size()))
            bench::give_up("send", -errno);
    }

private:
    void add(std::uint32_t number) {
        reply.append(reinterpret_cast<const char*>(&number), sizeof number);
    }
};

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
    add("ctbus/signal_emit", [] {
        auto all = std::make_shared<ends>();
        all->serve_with_ctbus();
        return [=] {
            all->object->emit<"Changed">(5, "some text");
            process_all(all->client());
        };
    });
    add("raw_sd_bus/signal_receive", [] {
        auto all = std::make_shared<ends>();
        auto sum = std::make_shared<int>();
        check(sd_bus_add_match(all->client(), &all->slot,
                               "type='signal',path='/org/example/Object',interface='org.example."
                               "Interface',member='Changed'",
                               take_signal, sum.get()));
        return [=] {
            emit_raw(all->service());
            process_all(all->client());
            keep(*sum);
        };
    });
    return add("ctbus/signal_receive", [] {
        auto all = std::make_shared<ends>();
        auto sum = std::make_shared<int>();
        ctbus::proxy<service_vtable> proxy{all->both.second, path};
        auto heard = std::make_shared<ctbus::subscription>(
            proxy.on<"Changed">([sum](std::int32_t number, const char*) { *sum += number; }));
        return [=] {
            emit_raw(all->service());
            process_all(all->client());
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

std::shared_ptr<answering_peer> answering_call() {
    return std::make_shared<answering_peer>("i", std::string_view{"\52\0\0\0", 4});
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
    add_served("property_get_service", "org.freedesktop.DBus.Properties", "Get", "ss", interface,
               "Level"),
    add_signals(),
    add_objects(),
    add_client(),
};

} // namespace
