// The rows in which a client speaks to a service: the same for every library, which gives the two
// classes described below. The service runs in a thread of its own, the client in the main one.
#pragma once

#include "data.hpp"
#include "private_bus.hpp"
#include "rows.hpp"

#include <condition_variable>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

namespace bench {

/// A thread that serves until it is told to stop by a call of its method Stop.
class service_thread {
public:
    /// Returns when `serve(ready)` has called `ready()`; then `serve` goes on in its thread.
    explicit service_thread(std::function<void(const std::function<void()>&)> serve)
        : thread_{[this, serve = std::move(serve)] {
              serve([this] {
                  const std::lock_guard lock{mutex_};
                  is_ready_ = true;
                  changed_.notify_all();
              });
          }} {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [this] { return is_ready_; });
    }
    ~service_thread() { thread_.join(); }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_ready_ = false;
    std::thread thread_;
};

/// How many more values than one property the service has.
inline constexpr int further_properties = 9;

/// The rows of a client and a service. `Peers{transport}` has both, connected, and as the client:
/// round_trip() calls Twice; in_flight(n) calls it n times before it looks at an answer; one_way(n)
/// calls Note, which nobody answers, n times, and then Twice once; get() reads the property Level,
/// get_all() it and nine others, set() writes it; introspect() reads the XML as text.
template <class Peers>
bool add_calls(const std::string& library, std::initializer_list<transport> transports) {
    for (const transport t : transports) {
        const auto row = [&](const char* name, counting how, auto work) {
            add(
                library + "/" + name + "_" + name_of(t),
                [t, work] {
                    auto peers = std::make_shared<Peers>(t);
                    return [peers, work] { work(*peers); };
                },
                how);
        };
        row("round_trip", {}, [](Peers& p) { p.round_trip(); });
        row("in_flight_32", {10}, [](Peers& p) { p.in_flight(32); });
        if (t == transport::broker) continue;
        row("one_way_32", {10}, [](Peers& p) { p.one_way(32); });
        row("property_get", {}, [](Peers& p) { p.get(); });
        row("property_get_all_10", {}, [](Peers& p) { p.get_all(); });
        row("property_set", {}, [](Peers& p) { p.set(); });
        row("introspect", {}, [](Peers& p) { p.introspect(); });
    }
    return true;
}

/// The rows of signals. `Signals{transport, subscribers}` has one connection that emits Changed, a
/// number and a text, and one with so many subscribers; emit_and_receive() emits one signal and
/// returns when each subscriber has read it. All in one thread.
template <class Signals>
bool add_signals(const std::string& library, std::initializer_list<transport> transports) {
    for (const transport t : transports)
        for (const int subscribers : {1, 10, 100})
            add(library + "/signal_fan_out_" + std::to_string(subscribers) + "_" + name_of(t),
                [t, subscribers] {
                    auto signals = std::make_shared<Signals>(t, subscribers);
                    return [signals] { signals->emit_and_receive(); };
                },
                {subscribers == 100 ? 20 : 100});
    return true;
}

/// The rows of objects: `Exporter{count}` can make_and_drop() so many objects of the interface with
/// one method, one property and one signal, at paths that it made before, and calls full() between.
template <class Exporter>
bool add_exports(const std::string& library,
                 std::initializer_list<int> counts = {1, 1000, 100000}) {
    for (const int count : counts)
        add(library + "/export_" + std::to_string(count),
            [count] {
                auto exporter = std::make_shared<Exporter>(count);
                return [exporter] { exporter->make_and_drop(); };
            },
            {count == 1      ? 100
             : count == 1000 ? 3
                             : 1,
             true});
    return true;
}

/// The rows of interfaces of 5, 50 and 500 methods: `Exporter<N>{}` can make_and_drop() an object
/// with one, `Peers<N>{transport}` has a service and a client that can call() its last method.
template <template <int> class Exporter, template <int> class Peers>
bool add_interface_sizes(const std::string& library, std::initializer_list<transport> transports) {
    const auto size = [&]<int N>(std::integral_constant<int, N>) {
        const std::string of = "_" + std::to_string(N);
        add(library + "/register_methods" + of,
            [] {
                auto exporter = std::make_shared<Exporter<N>>();
                return [exporter] { exporter->make_and_drop(); };
            },
            {N > 50 ? 10 : 100, true});
        for (const transport t : transports)
            add(library + "/method_of" + of + "_" + name_of(t), [t] {
                auto peers = std::make_shared<Peers<N>>(t);
                return [peers] { peers->call(); };
            });
    };
    size(std::integral_constant<int, 5>{});
    size(std::integral_constant<int, 50>{});
    size(std::integral_constant<int, 500>{});
    return true;
}

/// Paths of objects, all of one length.
inline std::string numbered_path(int number) {
    std::string at = "/org/example/objects/";
    return at.append(std::to_string(1000000 + number));
}
/// Names of methods, likewise.
inline std::string numbered_method(int number) {
    std::string name = "Method";
    return name.append(std::to_string(1000 + number));
}

} // namespace bench
