// Calls that do not wait for their answer, and answers that are sent later.
#include "ends.hpp"

#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <systemd/sd-bus.h>
#include <utility>

namespace {

using bench::add;
using bench::answering_call;
using bench::check;
using bench::interface;
using bench::keep;
using bench::path;

// ---- the client's side ----

struct doubler : ctbus::interface<"org.example.Interface",
                                  ctbus::method<"Twice", std::int32_t(std::int32_t)>> {};

int take_twice(sd_bus_message* m, void* userdata, sd_bus_error*) {
    if (const sd_bus_error* e = sd_bus_message_get_error(m)) return sd_bus_error_get_errno(e);
    std::int32_t twice = 0;
    const int r = sd_bus_message_read_basic(m, 'i', &twice);
    if (r < 0) return r;
    *static_cast<std::int32_t*>(userdata) += twice;
    return 1;
}

void call_raw(sd_bus* bus, sd_bus_slot** slot, std::int32_t* sum) {
    const std::int32_t n = 21;
    sd_bus_message* m = nullptr;
    check(sd_bus_message_new_method_call(bus, &m, nullptr, path, interface, "Twice"));
    check(sd_bus_message_append_basic(m, 'i', &n));
    check(sd_bus_call_async(bus, slot, m, take_twice, sum, 0));
    sd_bus_message_unref(m);
}

// A piece of work is `Calls` calls, of which all are under way before the first answer is read.
template <std::size_t Calls>
bool add_client(const std::string& name) {
    constexpr std::int32_t due = 42 * static_cast<std::int32_t>(Calls);
    const auto must_be = [](std::int32_t sum) {
        if (sum != due) bench::give_up("a call", -ETIMEDOUT);
    };
    add("raw_sd_bus/" + name, [=] {
        auto peer = answering_call();
        return [=] {
            std::array<sd_bus_slot*, Calls> slots{};
            std::int32_t sum = 0;
            peer->answer(Calls);
            for (sd_bus_slot*& slot : slots) call_raw(peer->client(), &slot, &sum);
            bench::process_all(peer->client());
            for (sd_bus_slot* slot : slots) sd_bus_slot_unref(slot);
            must_be(sum);
        };
    });
    return add("ctbus/" + name, [=] {
        auto peer = answering_call();
        ctbus::proxy<doubler> proxy{peer->both.second, path};
        return [=] {
            std::array<ctbus::async_handle, Calls> handles;
            std::int32_t sum = 0;
            peer->answer(Calls);
            for (ctbus::async_handle& handle : handles)
                handle = proxy.async_call<"Twice">(21).then(
                    [&sum](ctbus::result<std::int32_t> twice) { sum += *twice; });
            bench::process_all(peer->client());
            must_be(sum);
        };
    });
}

// ---- the service's side ----

struct slow_ctbus {
    std::int32_t asked = 0;
    ctbus::deferred<std::int32_t> waiting;
    void twice(std::int32_t n, ctbus::deferred<std::int32_t> reply) {
        asked = n;
        waiting = std::move(reply);
    }
};
struct slow_vtable
    : ctbus::vtable<"org.example.Interface", ctbus::handler<"Twice", &slow_ctbus::twice>> {};

struct slow_raw {
    std::int32_t asked = 0;
    sd_bus_message* waiting = nullptr;
};
int keep_call(sd_bus_message* m, void* userdata, sd_bus_error*) {
    auto* kept = static_cast<slow_raw*>(userdata);
    const int r = sd_bus_message_read_basic(m, 'i', &kept->asked);
    if (r < 0) return r;
    kept->waiting = sd_bus_message_ref(m);
    return 1;
}
void reply_raw(slow_raw& kept) {
    const std::int32_t twice = 2 * kept.asked;
    sd_bus_message* reply = nullptr;
    check(sd_bus_message_new_method_return(kept.waiting, &reply));
    check(sd_bus_message_append_basic(reply, 'i', &twice));
    check(sd_bus_send(nullptr, reply, nullptr));
    sd_bus_message_unref(reply);
    sd_bus_message_unref(std::exchange(kept.waiting, nullptr));
}
const sd_bus_vtable raw_rows[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Twice", "i", "i", keep_call, 0),
    SD_BUS_VTABLE_END,
};

bool add_deferred() {
    using ends = std::pair<ctbus::connection, ctbus::connection>;
    add("raw_sd_bus/deferred_reply_service", [] {
        auto both = std::make_shared<ends>(ctbus::connection::pair());
        auto service = std::make_shared<slow_raw>();
        check(sd_bus_add_object_vtable(both->first.get(), nullptr, path, interface, raw_rows,
                                       service.get()));
        return [=] {
            const auto reply = [&] { reply_raw(*service); };
            bench::call_and_process(*both, reply, interface, "Twice", "i", 21);
        };
    });
    return add("ctbus/deferred_reply_service", [] {
        auto both = std::make_shared<ends>(ctbus::connection::pair());
        auto service = std::make_shared<slow_ctbus>();
        auto object = std::make_shared<ctbus::object<slow_vtable>>(
            both->first, ctbus::object_path_view{path}, *service);
        return [=] {
            keep(object);
            const auto reply = [&] { service->waiting.reply(2 * service->asked); };
            bench::call_and_process(*both, reply, interface, "Twice", "i", 21);
        };
    });
}

// ---- coroutines, and calls that nobody holds ----

// The answer to a call that the connection holds.
bool add_held(const std::string& name, auto start) {
    const auto must_be = [](std::int32_t sum) {
        if (sum != 42) bench::give_up("a call", -ETIMEDOUT);
    };
    add("raw_sd_bus/" + name, [=] {
        auto peer = answering_call();
        return [=] {
            std::int32_t sum = 0;
            peer->answer();
            call_raw(peer->client(), nullptr, &sum);
            bench::process_all(peer->client());
            must_be(sum);
        };
    });
    return add("ctbus/" + name, [=] {
        auto peer = answering_call();
        ctbus::proxy<doubler> proxy{peer->both.second, path};
        return [=] {
            std::int32_t sum = 0;
            peer->answer();
            start(peer->both.second, proxy, sum);
            bench::process_all(peer->client());
            must_be(sum);
        };
    });
}

void detach_call(const ctbus::connection&, const ctbus::proxy<doubler>& proxy, std::int32_t& sum) {
    proxy.async_call<"Twice">(21)
        .then([&sum](ctbus::result<std::int32_t> twice) { sum += *twice; })
        .detach();
}
ctbus::task<> await_call(const ctbus::proxy<doubler>& proxy, std::int32_t& sum) {
    sum += *co_await proxy.async_call<"Twice">(21);
}
void spawn_call(ctbus::connection& bus, const ctbus::proxy<doubler>& proxy, std::int32_t& sum) {
    bus.spawn(await_call(proxy, sum));
}

struct task_ctbus {
    ctbus::task<std::int32_t> twice(std::int32_t n) { co_return 2 * n; }
};
struct task_vtable
    : ctbus::vtable<"org.example.Interface", ctbus::handler<"Twice", &task_ctbus::twice>> {};

int answer_raw(sd_bus_message* m, void*, sd_bus_error*) {
    slow_raw kept;
    const int r = keep_call(m, &kept, nullptr);
    if (r >= 0) reply_raw(kept);
    return r;
}
const sd_bus_vtable answering_rows[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Twice", "i", "i", answer_raw, 0),
    SD_BUS_VTABLE_END,
};

[[maybe_unused]] const bool added[] = {
    add_held("async_detached_call_client", detach_call),
    add_held("async_awaited_call_client", spawn_call),
    // A handler that is a coroutine, which does not wait.
    bench::add_services<task_vtable, task_ctbus>("task_handler_service", answering_rows, "Twice",
                                                 21),
    add_client<1>("async_call_client"),
    add_client<32>("async_32_calls_client"),
    add_deferred(),
};

} // namespace
