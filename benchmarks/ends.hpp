// The two ends of a call in one thread, and a peer whose answers lie in the socket already.
#pragma once

#include "data.hpp"
#include "rows.hpp"

#include <ctbus/connection.hpp>
#include <ctbus/object.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <systemd/sd-bus.h>
#include <utility>

namespace bench {

inline void process_all(sd_bus* bus) {
    while (check(sd_bus_process(bus, nullptr)) > 0) {
    }
}

inline int take_reply(sd_bus_message* m, void* userdata, sd_bus_error*) {
    *static_cast<bool*>(userdata) = true;
    keep(m);
    return 1;
}

/// A raw client's call through the service and back; `once_handled()` may send a later answer.
void call_and_process(const std::pair<ctbus::connection, ctbus::connection>& ends,
                      auto once_handled, const char* of, const char* member, const char* types,
                      auto... values) {
    sd_bus *const service = ends.first.get(), *const client = ends.second.get();
    sd_bus_message* m = nullptr;
    bool done = false;
    check(sd_bus_message_new_method_call(client, &m, nullptr, path, of, member));
    check(sd_bus_message_append(m, types, values...));
    check(sd_bus_call_async(client, nullptr, m, take_reply, &done, 0));
    sd_bus_message_unref(m);
    process_all(service);
    once_handled();
    process_all(client);
    if (!done) give_up(member, -ETIMEDOUT);
}

/// Two rows of a service's side: `member` of raw sd-bus's `rows`, and of a `Service` with `Vtable`.
template <class Vtable, class Service>
bool add_services(const std::string& name, const sd_bus_vtable* rows, const char* member,
                  std::int32_t argument) {
    using ends = std::pair<ctbus::connection, ctbus::connection>;
    const auto call = [=](const ends& both) {
        call_and_process(
            both, [] {}, interface, member, "i", argument);
    };
    add("raw_sd_bus/" + name, [=] {
        auto both = std::make_shared<ends>(ctbus::connection::pair());
        check(sd_bus_add_object_vtable(both->first.get(), nullptr, path, interface, rows, nullptr));
        return [=] { call(*both); };
    });
    return add("ctbus/" + name, [=] {
        auto both = std::make_shared<ends>(ctbus::connection::pair());
        auto service = std::make_shared<Service>();
        auto object = std::make_shared<ctbus::object<Vtable>>(
            both->first, ctbus::object_path_view{path}, *service);
        return [=] {
            keep(object);
            keep(service);
            call(*both);
        };
    });
}

/// A service that answers before it is asked, so that a client never waits: with a reply in the
/// little-endian form of the wire, or with an error.
struct answering_peer {
    std::pair<ctbus::connection, ctbus::connection> both = ctbus::connection::pair();
    int fd = check(sd_bus_get_fd(both.first.get()));
    std::string reply;
    std::uint32_t cookie = 0;

    answering_peer(const char* signature, std::string_view body) {
        begin(2, body.size());
        reply.append("\10\1g\0\1", 5); // its signature
        reply.append(signature, 2);    // one character
        end(body);
    }
    struct error {
        std::string_view name, text;
    };
    explicit answering_peer(const error& e) {
        begin(3, 4 + e.text.size() + 1);
        reply.append("\10\1g\0\1s\0\0", 8); // its signature, to a multiple of eight
        reply.append("\4\1s\0", 4);
        add_text(e.name);
        end({});
        add_text(e.text);
    }
    sd_bus* client() const { return both.second.get(); }

    /// Answers the client's next calls, and takes those before out of the socket.
    void answer(int calls = 1) {
        char taken[8192];
        while (::recv(fd, taken, sizeof taken, MSG_DONTWAIT) > 0) {
        }
        while (--calls >= 0) {
            ++cookie;
            std::memcpy(reply.data() + 20, &cookie, sizeof cookie);
            if (::send(fd, reply.data(), reply.size(), 0) != static_cast<ssize_t>(reply.size()))
                give_up("send", -errno);
        }
    }

private:
    void begin(char type, std::size_t body) {
        const char fixed[] = {'l', type, 1, 1};
        reply.assign(fixed, sizeof fixed);
        add(static_cast<std::uint32_t>(body));
        add(1);                             // its own serial number
        add(0);                             // the length of the fields
        reply.append("\5\1u\0", 4), add(0); // which call it answers
    }
    void end(std::string_view body) {
        const auto length = static_cast<std::uint32_t>(reply.size() - 16);
        std::memcpy(reply.data() + 12, &length, sizeof length);
        reply.append((8 - length % 8) % 8, '\0');
        reply.append(body);
    }
    void add(std::uint32_t number) {
        reply.append(reinterpret_cast<const char*>(&number), sizeof number);
    }
    void add_text(std::string_view text) {
        add(static_cast<std::uint32_t>(text.size()));
        reply.append(text).append(1, '\0');
    }
};

/// Answers calls of a method that returns 42.
inline std::shared_ptr<answering_peer> answering_call() {
    return std::make_shared<answering_peer>("i", std::string_view{"\52\0\0\0", 4});
}

} // namespace bench
