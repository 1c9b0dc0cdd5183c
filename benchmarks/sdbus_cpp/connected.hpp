// sdbus-c++: a connection to the private bus. Version 1.2 has no direct connections.
#pragma once

#include "../data.hpp"
#include "../private_bus.hpp"
#include "../scenarios.hpp"

#include <sdbus-c++/sdbus-c++.h>

#include <functional>
#include <memory>
#include <poll.h>
#include <string>
#include <utility>

namespace bench {

inline std::unique_ptr<sdbus::IConnection> connect_sdbus_cpp(transport t) {
    return sdbus::createSessionBusConnectionWithAddress(bus_address(t));
}

/// Handles messages, and sleeps in between, until `done()`.
void process_until(sdbus::IConnection& bus, auto done) {
    while (!done()) {
        if (bus.processPendingRequest() || done()) continue;
        const auto data = bus.getEventLoopPollData();
        pollfd fd = {data.fd, data.events, 0};
        ::poll(&fd, 1, -1);
    }
}

/// A service whose loop runs in a thread of its own, with an object that `add_to(object,
/// connection)` has filled.
class sdbus_cpp_service {
public:
    sdbus_cpp_service(transport t, std::function<void(sdbus::IObject&, sdbus::IConnection&)> add_to)
        : bus_{connect_sdbus_cpp(t)}, thread_{
                                          [this, add_to = std::move(add_to)](const auto& ready) {
                                              const auto object = sdbus::createObject(*bus_, path);
                                              add_to(*object, *bus_);
                                              object->finishRegistration();
                                              bus_->requestName(service_name);
                                              ready();
                                              bus_->enterEventLoop();
                                          }} {}

private:
    std::unique_ptr<sdbus::IConnection> bus_;
    service_thread thread_;
};

} // namespace bench
