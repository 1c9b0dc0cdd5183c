// ctbus: many objects, and interfaces of many methods.
#include "connected.hpp"

#include "../scenarios.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using bench::path;
using bench::transport;

struct served {
    std::int32_t level = 7;
    std::int32_t twice(std::int32_t n) { return 2 * n; }
};

// clang-format off
struct service_vtable : ctbus::vtable<"org.example.Interface",
    ctbus::handler<"Twice", &served::twice>,
    ctbus::accessor<"Level", &served::level>,
    ctbus::signal<"Changed", void(std::int32_t, std::string)>> {};
// clang-format on

class exporter {
public:
    explicit exporter(int count) {
        for (int i = 0; i < count; ++i)
            paths_.push_back(*ctbus::object_path::parse(bench::numbered_path(i)));
    }
    void make_and_drop() {
        std::vector<std::optional<ctbus::object<service_vtable>>> objects(paths_.size());
        for (std::size_t i = 0; i < objects.size(); ++i)
            objects[i].emplace(ends_.first, paths_[i], instance_);
        bench::full();
    }

private:
    bench::ctbus_ends ends_ = ctbus::connection::pair();
    served instance_;
    std::vector<ctbus::object_path> paths_;
};

// ---- interfaces of many methods ----

// "Method1000" and so on.
template <int Number>
consteval auto name() {
    char text[] = "Method1000";
    for (int i = 9, n = Number; n != 0; --i, n /= 10) text[i] = static_cast<char>('0' + n % 10);
    text[6] = '1';
    return ctbus::fixed_string{text};
}

struct sized {
    ctbus::connection& bus;

    template <int>
    std::int32_t twice(std::int32_t n) {
        if (n < 0) bus.stop();
        return 2 * n;
    }
};

template <class Numbers>
struct sized_vtable;
template <int... I>
struct sized_vtable<std::integer_sequence<int, I...>>
    : ctbus::vtable<"org.example.Interface", ctbus::unprivileged,
                    ctbus::handler<name<I>(), &sized::twice<I>>...> {};
template <int Methods>
using vtable_of = sized_vtable<std::make_integer_sequence<int, Methods>>;

template <int Methods>
class sized_exporter {
public:
    void make_and_drop() {
        const ctbus::object<vtable_of<Methods>> object{ends_.first, path, instance_};
        bench::full();
    }

private:
    bench::ctbus_ends ends_ = ctbus::connection::pair();
    sized instance_{ends_.first};
};

template <int Methods>
class sized_peers {
public:
    explicit sized_peers(transport t)
        : ends_{bench::connect(t)}, proxy_{bench::proxy_of<vtable_of<Methods>>(ends_.second, t)},
          service_{[this, t](const auto& ready) {
              sized instance{ends_.first};
              const ctbus::object<vtable_of<Methods>> object{ends_.first, path, instance};
              if (t != transport::direct) ends_.first.request_name("org.example.Service");
              ready();
              ends_.first.run();
          }} {}
    ~sized_peers() { proxy_.template call<name<Methods - 1>()>(-1); }

    void call() {
        bench::must(proxy_.template call<name<Methods - 1>()>(21) == 42, "the last method");
    }

private:
    bench::ctbus_ends ends_;
    ctbus::proxy<vtable_of<Methods>> proxy_;
    bench::service_thread service_;
};

[[maybe_unused]] const bool added[] = {
    bench::add_exports<exporter>("ctbus"),
    bench::add_interface_sizes<sized_exporter, sized_peers>("ctbus",
                                                            {transport::direct, transport::daemon}),
};

} // namespace
