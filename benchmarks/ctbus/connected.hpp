// ctbus: a service's and a client's connection: to each other, or to a bus.
#pragma once

#include "../data.hpp"
#include "../private_bus.hpp"

#include <ctbus/ctbus.hpp>

#include <string>
#include <utility>

namespace bench {

using ctbus_ends = std::pair<ctbus::connection, ctbus::connection>;

inline ctbus_ends connect(transport t) {
    if (t == transport::direct) return ctbus::connection::pair();
    const std::string& address = bus_address(t);
    ctbus_ends opened{ctbus::connection::open(address), ctbus::connection::open(address)};
    for (const ctbus::connection* bus : {&opened.first, &opened.second})
        static_cast<void>(bus->unique_name()); // waits for it
    return opened;
}

template <class Interface>
ctbus::proxy<Interface> proxy_of(const ctbus::connection& bus, transport t) {
    if (t == transport::direct) return {bus, path};
    return {bus, "org.example.Service", path};
}

} // namespace bench
