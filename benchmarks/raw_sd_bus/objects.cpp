// Raw sd-bus: many objects, and interfaces of many methods.
#include "../raw_ends.hpp"
#include "../scenarios.hpp"

#include <string>
#include <systemd/sd-bus.h>
#include <vector>

namespace {

using bench::check;
using bench::interface;
using bench::path;
using bench::transport;

struct served {
    std::int32_t level = 7;
    bool stopped = false;
};

int twice(sd_bus_message* m, void* userdata, sd_bus_error*) {
    std::int32_t n = 0;
    int r = sd_bus_message_read_basic(m, 'i', &n);
    if (r < 0) return r;
    if (n < 0) static_cast<served*>(userdata)->stopped = true;
    n *= 2;
    sd_bus_message* reply = nullptr;
    if ((r = sd_bus_message_new_method_return(m, &reply)) < 0) return r;
    if ((r = sd_bus_message_append_basic(reply, 'i', &n)) >= 0)
        r = sd_bus_send(nullptr, reply, nullptr);
    sd_bus_message_unref(reply);
    return r < 0 ? r : 1;
}
int get_level(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* userdata,
              sd_bus_error*) {
    return sd_bus_message_append_basic(reply, 'i', &static_cast<served*>(userdata)->level);
}

const sd_bus_vtable rows[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Twice", "i", "i", twice, 0),
    SD_BUS_PROPERTY("Level", "i", get_level, 0, 0),
    SD_BUS_SIGNAL("Changed", "is", 0),
    SD_BUS_VTABLE_END,
};

class exporter {
public:
    explicit exporter(int count) {
        for (int i = 0; i < count; ++i) paths_.push_back(bench::numbered_path(i));
    }
    void make_and_drop() {
        std::vector<sd_bus_slot*> slots(paths_.size());
        for (std::size_t i = 0; i < slots.size(); ++i)
            check(sd_bus_add_object_vtable(ends_.service, &slots[i], paths_[i].c_str(), interface,
                                           rows, &instance_));
        bench::full();
        for (sd_bus_slot* slot : slots) sd_bus_slot_unref(slot);
    }

private:
    bench::raw_ends ends_{transport::direct};
    served instance_;
    std::vector<std::string> paths_;
};

// ---- interfaces of many methods ----

// What sd-bus does not copy.
template <int Methods>
struct sized_rows {
    std::vector<std::string> names;
    std::vector<sd_bus_vtable> rows{SD_BUS_VTABLE_START(0)};

    sized_rows() {
        for (int i = 0; i < Methods; ++i) names.push_back(bench::numbered_method(i));
        for (const std::string& name : names)
            rows.push_back(
                SD_BUS_METHOD(name.c_str(), "i", "i", twice, SD_BUS_VTABLE_UNPRIVILEGED));
        rows.push_back(SD_BUS_VTABLE_END);
    }
};

template <int Methods>
class sized_exporter {
public:
    void make_and_drop() {
        sd_bus_slot* slot = nullptr;
        check(sd_bus_add_object_vtable(ends_.service, &slot, path, interface, rows_.rows.data(),
                                       &instance_));
        bench::full();
        sd_bus_slot_unref(slot);
    }

private:
    bench::raw_ends ends_{transport::direct};
    served instance_;
    sized_rows<Methods> rows_;
};

void serve(sd_bus* bus, const sd_bus_vtable* methods, const std::function<void()>& ready) {
    served instance;
    check(sd_bus_add_object_vtable(bus, nullptr, path, interface, methods, &instance));
    if (sd_bus_is_bus_client(bus)) check(sd_bus_request_name(bus, bench::service_name, 0));
    ready();
    while (!instance.stopped) {
        const int r = check(sd_bus_process(bus, nullptr));
        if (r == 0 && !instance.stopped) check(sd_bus_wait(bus, UINT64_MAX));
    }
    sd_bus_flush_close_unref(bus);
}

template <int Methods>
class sized_peers {
public:
    explicit sized_peers(transport t)
        : at_{t}, destination_{t == transport::direct ? nullptr : bench::service_name},
          service_{[this](const auto& ready) { serve(at_.service, rows_.rows.data(), ready); }} {}
    sized_peers(const sized_peers&) = delete;
    sized_peers& operator=(const sized_peers&) = delete;
    ~sized_peers() {
        call(-1);
        sd_bus_flush_close_unref(at_.client);
    }

    void call(std::int32_t n = 21) {
        std::int32_t result = 0;
        sd_bus_message *m = nullptr, *reply = nullptr;
        check(sd_bus_message_new_method_call(at_.client, &m, destination_, path, interface,
                                             rows_.names.back().c_str()));
        check(sd_bus_message_append_basic(m, 'i', &n));
        sd_bus_error error = SD_BUS_ERROR_NULL;
        check(sd_bus_call(at_.client, m, 0, &error, &reply));
        check(sd_bus_message_read_basic(reply, 'i', &result));
        sd_bus_message_unref(reply);
        sd_bus_message_unref(m);
        bench::must(result == 2 * n, "the last method");
    }

private:
    bench::raw_ends at_;
    const char* destination_;
    sized_rows<Methods> rows_;
    bench::service_thread service_;
};

[[maybe_unused]] const bool added[] = {
    bench::add_exports<exporter>("raw_sd_bus"),
    bench::add_interface_sizes<sized_exporter, sized_peers>("raw_sd_bus",
                                                            {transport::direct, transport::daemon}),
};

} // namespace
