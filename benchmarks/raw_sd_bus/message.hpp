// A message of raw sd-bus that is filled or read.
#pragma once

#include "../raw_ends.hpp"

#include <systemd/sd-bus.h>

namespace bench {

/// A new message, of a connection that nothing is sent through.
inline sd_bus_message* new_signal() {
    static const raw_ends ends{transport::direct};
    sd_bus_message* m = nullptr;
    check(sd_bus_message_new_signal(ends.client, &m, path, interface, "Changed"));
    return m;
}

/// A Codec (marshalling.hpp) of `append(message, value)` and `read(message, fresh value)`, the
/// functions of `Of`.
template <class T, class Of>
class raw_codec {
public:
    explicit raw_codec(const T& value) : message_{new_signal()} {
        Of::append(message_, value);
        check(sd_bus_message_seal(message_, 1, 0));
    }
    raw_codec(const raw_codec&) = delete;
    raw_codec& operator=(const raw_codec&) = delete;
    ~raw_codec() { sd_bus_message_unref(message_); }

    static void marshal(const T& value) {
        sd_bus_message* m = new_signal();
        Of::append(m, value);
        sd_bus_message_unref(m);
    }
    void unmarshal() {
        check(sd_bus_message_rewind(message_, 1));
        T value{};
        Of::read(message_, value);
        keep(value);
    }

private:
    sd_bus_message* message_;
};

} // namespace bench
