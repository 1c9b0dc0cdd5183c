// Calls that are answered with an error: one end alone, in one thread.
#include "ends.hpp"

#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <systemd/sd-bus.h>
#include <utility>

namespace {

using bench::add;
using bench::answering_peer;
using bench::check;
using bench::interface;
using bench::must;
using bench::path;

constexpr char error_name[] = "org.example.Error.Negative";
constexpr std::string_view error_text = "the number is negative";

// ---- the service's side ----

struct refusing {
    ctbus::result<std::int32_t> root(std::int32_t) {
        return ctbus::failure{ctbus::error::make<"org.example.Error.Negative">(error_text)};
    }
    std::int32_t thrown_root(std::int32_t n) {
        if (n < 0) throw ctbus::error::make<"org.example.Error.Negative">(error_text);
        return n;
    }
};
// clang-format off
struct refusing_vtable : ctbus::vtable<"org.example.Interface",
    ctbus::handler<"Root", &refusing::root>,
    ctbus::handler<"ThrownRoot", &refusing::thrown_root>> {};
// clang-format on

int refuse_raw(sd_bus_message* m, void*, sd_bus_error*) {
    std::int32_t n = 0;
    const int r = sd_bus_message_read_basic(m, 'i', &n);
    if (r < 0) return r;
    const sd_bus_error no = SD_BUS_ERROR_MAKE_CONST(error_name, error_text.data());
    return sd_bus_reply_method_error(m, &no);
}
// What is thrown is caught here, so that sd-bus is not unwound.
struct raw_failure {
    const char* name;
    std::string_view text;
};
int throw_raw(sd_bus_message* m, void*, sd_bus_error*) {
    std::int32_t n = 0;
    const int r = sd_bus_message_read_basic(m, 'i', &n);
    if (r < 0) return r;
    try {
        if (n < 0) throw raw_failure{error_name, error_text};
    } catch (const raw_failure& thrown) {
        const sd_bus_error no = SD_BUS_ERROR_MAKE_CONST(thrown.name, thrown.text.data());
        return sd_bus_reply_method_error(m, &no);
    }
    return 1;
}
const sd_bus_vtable raw_rows[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Root", "i", "i", refuse_raw, 0),
    SD_BUS_METHOD("ThrownRoot", "i", "i", throw_raw, 0),
    SD_BUS_VTABLE_END,
};

// ---- the client's side ----

struct roots
    : ctbus::interface<"org.example.Interface", ctbus::method<"Root", std::int32_t(std::int32_t)>> {
};

std::shared_ptr<answering_peer> answering_error() {
    return std::make_shared<answering_peer>(answering_peer::error{error_name, error_text});
}

sd_bus_message* make_call_raw(sd_bus* bus) {
    const std::int32_t n = -1;
    sd_bus_message* m = nullptr;
    check(sd_bus_message_new_method_call(bus, &m, nullptr, path, interface, "Root"));
    check(sd_bus_message_append_basic(m, 'i', &n));
    return m;
}

// What a client asks of an error.
bool is_expected(const sd_bus_error* e) {
    return sd_bus_error_has_name(e, error_name) > 0 && e->message == error_text;
}
bool is_expected(const ctbus::error& e) {
    return e.is<"org.example.Error.Negative">() && e.message() == error_text;
}

bool add_client() {
    add("raw_sd_bus/error_client", [] {
        auto peer = answering_error();
        return [=] {
            peer->answer();
            sd_bus_message* m = make_call_raw(peer->client());
            sd_bus_message* reply = nullptr;
            sd_bus_error error = SD_BUS_ERROR_NULL;
            must(sd_bus_call(peer->client(), m, 0, &error, &reply) < 0, "the call");
            must(is_expected(&error), "the error");
            sd_bus_error_free(&error);
            sd_bus_message_unref(m);
        };
    });
    add("ctbus/error_client", [] {
        auto peer = answering_error();
        ctbus::proxy<roots> proxy{peer->both.second, path};
        return [=] {
            peer->answer();
            const ctbus::result<std::int32_t> root = proxy.try_call<"Root">(-1);
            must(!root, "the call");
            must(is_expected(root.error()), "the error");
        };
    });
    add("raw_sd_bus/async_error_client", [] {
        auto peer = answering_error();
        return [=] {
            peer->answer();
            bool got = false;
            sd_bus_slot* slot = nullptr;
            sd_bus_message* m = make_call_raw(peer->client());
            const auto take = [](sd_bus_message* reply, void* userdata, sd_bus_error*) {
                const sd_bus_error* e = sd_bus_message_get_error(reply);
                *static_cast<bool*>(userdata) = e && is_expected(e);
                return 1;
            };
            check(sd_bus_call_async(peer->client(), &slot, m, take, &got, 0));
            sd_bus_message_unref(m);
            bench::process_all(peer->client());
            sd_bus_slot_unref(slot);
            must(got, "the error");
        };
    });
    return add("ctbus/async_error_client", [] {
        auto peer = answering_error();
        ctbus::proxy<roots> proxy{peer->both.second, path};
        return [=] {
            peer->answer();
            bool got = false;
            const ctbus::async_handle handle =
                proxy.async_call<"Root">(-1).then([&](const ctbus::result<std::int32_t>& root) {
                    got = !root && is_expected(root.error());
                });
            bench::process_all(peer->client());
            must(got, "the error");
        };
    });
}

[[maybe_unused]] const bool added[] = {
    bench::add_services<refusing_vtable, refusing>("error_service", raw_rows, "Root", -1),
    bench::add_services<refusing_vtable, refusing>("thrown_error_service", raw_rows, "ThrownRoot",
                                                   -1),
    add_client(),
};

} // namespace
