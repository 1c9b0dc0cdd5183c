// Raw sd-bus: two connected ends, and what is often done with them.
#pragma once

#include "data.hpp"
#include "private_bus.hpp"
#include "rows.hpp"

#include <cerrno>
#include <cstdint>
#include <string>
#include <sys/socket.h>
#include <systemd/sd-bus.h>
#include <utility>

namespace bench {

/// A service's and a client's connection: to each other, or to a bus.
struct raw_ends {
    sd_bus* service = nullptr;
    sd_bus* client = nullptr;

    explicit raw_ends(transport t) {
        check(sd_bus_new(&service));
        check(sd_bus_new(&client));
        if (t == transport::direct) pair_up();
        else {
            for (sd_bus* bus : {service, client}) {
                check(sd_bus_set_address(bus, bus_address(t).c_str()));
                check(sd_bus_set_bus_client(bus, 1));
                check(sd_bus_start(bus));
            }
        }
        // The first messages of a connection, on both sides.
        while (sd_bus_is_ready(service) <= 0 || sd_bus_is_ready(client) <= 0)
            for (sd_bus* bus : {service, client}) check(sd_bus_process(bus, nullptr));
    }

private:
    void pair_up() {
        int fds[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0)
            give_up("socketpair", -errno);
        check(sd_bus_set_fd(service, fds[0], fds[0]));
        check(sd_bus_set_fd(client, fds[1], fds[1]));
        sd_id128_t id{};
        check(sd_id128_randomize(&id));
        check(sd_bus_set_server(service, 1, id));
        for (sd_bus* bus : {service, client}) {
            check(sd_bus_set_trusted(bus, 1));
            check(sd_bus_start(bus));
        }
    }
};

/// Handles messages, and sleeps in between, until `done()`.
void process_until(sd_bus* bus, auto done) {
    while (!done())
        if (check(sd_bus_process(bus, nullptr)) == 0 && !done())
            check(sd_bus_wait(bus, UINT64_MAX));
}

/// Reads an `a{sv}` of numbers, text and reals.
inline void read_dictionary(sd_bus_message* m, dictionary& all) {
    check(sd_bus_message_enter_container(m, 'a', "{sv}"));
    while (check(sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
        const char* key = nullptr;
        const char* contents = nullptr;
        check(sd_bus_message_read_basic(m, 's', &key));
        check(sd_bus_message_peek_type(m, nullptr, &contents));
        const char type = contents[0];
        entry_value v;
        if (type == 'i') {
            check(sd_bus_message_enter_container(m, 'v', "i"));
            check(sd_bus_message_read_basic(m, 'i', &v.emplace<std::int32_t>()));
        } else if (type == 's') {
            const char* s = nullptr;
            check(sd_bus_message_enter_container(m, 'v', "s"));
            check(sd_bus_message_read_basic(m, 's', &s));
            v.emplace<std::string>(s);
        } else {
            check(sd_bus_message_enter_container(m, 'v', "d"));
            check(sd_bus_message_read_basic(m, 'd', &v.emplace<double>()));
        }
        check(sd_bus_message_exit_container(m));
        check(sd_bus_message_exit_container(m));
        all.insert_or_assign(key, std::move(v));
    }
    check(sd_bus_message_exit_container(m));
}

} // namespace bench
