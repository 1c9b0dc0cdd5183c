// Raw sd-bus, the fastest plain calls: a client and a service, and signals.
#include "../raw_ends.hpp"
#include "../scenarios.hpp"

#include <optional>
#include <sys/socket.h>
#include <systemd/sd-bus.h>
#include <vector>

namespace {

using bench::check;
using bench::interface;
using bench::keep;
using bench::path;
using bench::properties_interface;
using bench::transport;

// ---- the service ----

struct served {
    std::int32_t level = 7;
    std::int32_t others[bench::further_properties] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    std::int32_t noted = 0;
    bool stopped = false;
};

int twice(sd_bus_message* m, void*, sd_bus_error*) {
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

int note(sd_bus_message* m, void* userdata, sd_bus_error*) {
    const int r = sd_bus_message_read_basic(m, 'i', &static_cast<served*>(userdata)->noted);
    return r < 0 ? r : 1;
}

int stop(sd_bus_message* m, void* userdata, sd_bus_error*) {
    static_cast<served*>(userdata)->stopped = true;
    return sd_bus_reply_method_return(m, nullptr);
}

int get_number(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* number,
               sd_bus_error*) {
    return sd_bus_message_append_basic(reply, 'i', number);
}
int set_number(sd_bus*, const char*, const char*, const char*, sd_bus_message* m, void* number,
               sd_bus_error*) {
    return sd_bus_message_read_basic(m, 'i', number);
}

constexpr std::size_t other(int number) {
    return offsetof(served, others) + static_cast<std::size_t>(number - 1) * sizeof(std::int32_t);
}
const sd_bus_vtable rows[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Twice", "i", "i", twice, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Note", "i", "", note,
                  SD_BUS_VTABLE_METHOD_NO_REPLY | SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Stop", "", "", stop, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_WRITABLE_PROPERTY("Level", "i", get_number, set_number, offsetof(served, level),
                             SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_PROPERTY("P1", "i", get_number, other(1), 0),
    SD_BUS_PROPERTY("P2", "i", get_number, other(2), 0),
    SD_BUS_PROPERTY("P3", "i", get_number, other(3), 0),
    SD_BUS_PROPERTY("P4", "i", get_number, other(4), 0),
    SD_BUS_PROPERTY("P5", "i", get_number, other(5), 0),
    SD_BUS_PROPERTY("P6", "i", get_number, other(6), 0),
    SD_BUS_PROPERTY("P7", "i", get_number, other(7), 0),
    SD_BUS_PROPERTY("P8", "i", get_number, other(8), 0),
    SD_BUS_PROPERTY("P9", "i", get_number, other(9), 0),
    SD_BUS_SIGNAL("Changed", "is", 0),
    SD_BUS_VTABLE_END,
};

void serve(sd_bus* bus, const std::function<void()>& ready) {
    served instance;
    check(sd_bus_add_object_vtable(bus, nullptr, path, interface, rows, &instance));
    if (sd_bus_is_bus_client(bus)) check(sd_bus_request_name(bus, bench::service_name, 0));
    ready();
    while (!instance.stopped) {
        const int r = check(sd_bus_process(bus, nullptr));
        if (r == 0 && !instance.stopped) check(sd_bus_wait(bus, UINT64_MAX));
    }
    sd_bus_flush_close_unref(bus);
}

// ---- the client ----

class peers {
public:
    explicit peers(transport t)
        : at_{t}, destination_{t == transport::direct ? nullptr : bench::service_name},
          service_{[bus = at_.service](const auto& ready) { serve(bus, ready); }} {}
    peers(const peers&) = delete;
    peers& operator=(const peers&) = delete;
    ~peers() {
        check(
            sd_bus_call_method(bus(), destination_, path, interface, "Stop", nullptr, nullptr, ""));
        sd_bus_flush_close_unref(bus());
    }

    void round_trip() {
        const std::int32_t n = 21;
        std::int32_t twice = 0;
        sd_bus_message* m = new_call(interface, "Twice");
        check(sd_bus_message_append_basic(m, 'i', &n));
        sd_bus_message* reply = answer(m);
        check(sd_bus_message_read_basic(reply, 'i', &twice));
        sd_bus_message_unref(reply);
        bench::must(twice == 42, "Twice");
    }

    void in_flight(int calls) {
        slots_.resize(static_cast<std::size_t>(calls));
        left_ = calls;
        for (sd_bus_slot*& slot : slots_) {
            const std::int32_t n = 21;
            sd_bus_message* m = new_call(interface, "Twice");
            check(sd_bus_message_append_basic(m, 'i', &n));
            check(sd_bus_call_async(bus(), &slot, m, take_twice, this, 0));
            sd_bus_message_unref(m);
        }
        bench::process_until(bus(), [this] { return left_ == 0; });
        for (sd_bus_slot* slot : slots_) sd_bus_slot_unref(slot);
    }

    void one_way(int calls) {
        for (std::int32_t i = 0; i < calls; ++i) {
            sd_bus_message* m = new_call(interface, "Note");
            check(sd_bus_message_set_expect_reply(m, 0));
            check(sd_bus_message_append_basic(m, 'i', &i));
            check(sd_bus_send(bus(), m, nullptr));
            sd_bus_message_unref(m);
        }
        round_trip();
    }

    void get() {
        std::int32_t level = 0;
        sd_bus_message* m = new_call(properties_interface, "Get");
        check(sd_bus_message_append_basic(m, 's', interface));
        check(sd_bus_message_append_basic(m, 's', "Level"));
        sd_bus_message* reply = answer(m);
        check(sd_bus_message_enter_container(reply, 'v', "i"));
        check(sd_bus_message_read_basic(reply, 'i', &level));
        sd_bus_message_unref(reply);
        keep(level);
    }

    void get_all() {
        bench::dictionary all;
        sd_bus_message* m = new_call(properties_interface, "GetAll");
        check(sd_bus_message_append_basic(m, 's', interface));
        sd_bus_message* reply = answer(m);
        bench::read_dictionary(reply, all);
        sd_bus_message_unref(reply);
        bench::must(all.size() == 10, "GetAll");
    }

    void set() {
        const std::int32_t level = 9;
        sd_bus_message* m = new_call(properties_interface, "Set");
        check(sd_bus_message_append_basic(m, 's', interface));
        check(sd_bus_message_append_basic(m, 's', "Level"));
        check(sd_bus_message_open_container(m, 'v', "i"));
        check(sd_bus_message_append_basic(m, 'i', &level));
        check(sd_bus_message_close_container(m));
        sd_bus_message_unref(answer(m));
    }

    void introspect() {
        const char* xml = nullptr;
        sd_bus_message* reply = answer(new_call(bench::introspectable_interface, "Introspect"));
        check(sd_bus_message_read_basic(reply, 's', &xml));
        const std::string copy = xml;
        sd_bus_message_unref(reply);
        bench::must(copy.size() > 500, "Introspect");
    }

private:
    sd_bus* bus() const { return at_.client; }

    sd_bus_message* new_call(const char* of, const char* member) {
        sd_bus_message* m = nullptr;
        check(sd_bus_message_new_method_call(bus(), &m, destination_, path, of, member));
        return m;
    }
    // Takes over the call.
    sd_bus_message* answer(sd_bus_message* m) {
        sd_bus_message* reply = nullptr;
        sd_bus_error error = SD_BUS_ERROR_NULL;
        check(sd_bus_call(bus(), m, 0, &error, &reply));
        sd_bus_message_unref(m);
        return reply;
    }
    static int take_twice(sd_bus_message* m, void* userdata, sd_bus_error*) {
        if (const sd_bus_error* e = sd_bus_message_get_error(m)) return sd_bus_error_get_errno(e);
        std::int32_t twice = 0;
        const int r = sd_bus_message_read_basic(m, 'i', &twice);
        if (r < 0) return r;
        bench::must(twice == 42, "Twice");
        --static_cast<peers*>(userdata)->left_;
        return 1;
    }

    bench::raw_ends at_;
    const char* destination_;
    bench::service_thread service_;
    std::vector<sd_bus_slot*> slots_;
    int left_ = 0;
};

// ---- signals ----

class signals {
public:
    signals(transport t, int subscribers) : at_{t}, subscribers_{subscribers} {
        for (int i = 0; i < subscribers; ++i)
            check(sd_bus_match_signal(at_.client, nullptr, nullptr, path, interface, "Changed",
                                      take_signal, this));
    }
    signals(const signals&) = delete;
    signals& operator=(const signals&) = delete;
    ~signals() {
        sd_bus_flush_close_unref(at_.client);
        sd_bus_flush_close_unref(at_.service);
    }

    void emit_and_receive() {
        const std::int32_t number = 5;
        sd_bus_message* m = nullptr;
        check(sd_bus_message_new_signal(at_.service, &m, path, interface, "Changed"));
        check(sd_bus_message_append_basic(m, 'i', &number));
        check(sd_bus_message_append_basic(m, 's', "some text"));
        check(sd_bus_send(nullptr, m, nullptr));
        sd_bus_message_unref(m);
        taken_ = 0;
        bench::process_until(at_.client, [this] { return taken_ == subscribers_; });
    }

private:
    static int take_signal(sd_bus_message* m, void* userdata, sd_bus_error*) {
        std::int32_t number = 0;
        const char* word = nullptr;
        int r = sd_bus_message_read_basic(m, 'i', &number);
        if (r < 0 || (r = sd_bus_message_read_basic(m, 's', &word)) < 0) return r;
        ++static_cast<signals*>(userdata)->taken_;
        keep(word);
        return 0;
    }

    bench::raw_ends at_;
    int subscribers_;
    int taken_ = 0;
};

constexpr auto all = {transport::direct, transport::daemon, transport::broker};
[[maybe_unused]] const bool added[] = {
    bench::add_calls<peers>("raw_sd_bus", all),
    bench::add_signals<signals>("raw_sd_bus", {transport::direct, transport::daemon}),
};

} // namespace
