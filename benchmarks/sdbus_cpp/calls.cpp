// sdbus-c++, its convenience API: a client and a service, and signals.
#include "connected.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace {

using bench::interface;
using bench::path;
using bench::transport;

struct served {
    std::int32_t level = 7, noted = 0;
    std::int32_t others[bench::further_properties] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
};

void fill(sdbus::IObject& object, sdbus::IConnection& bus, served& s) {
    object.registerMethod("Twice").onInterface(interface).implementedAs(
        [](std::int32_t n) { return 2 * n; });
    object.registerMethod("Note")
        .onInterface(interface)
        .implementedAs([&s](std::int32_t n) { s.noted = n; })
        .withNoReply();
    object.registerMethod("Stop").onInterface(interface).implementedAs(
        [&bus] { bus.leaveEventLoop(); });
    object.registerProperty("Level")
        .onInterface(interface)
        .withGetter([&s] { return s.level; })
        .withSetter([&s](std::int32_t n) { s.level = n; });
    for (int i = 0; i < bench::further_properties; ++i)
        object.registerProperty("P" + std::to_string(i + 1))
            .onInterface(interface)
            .withGetter([&n = s.others[i]] { return n; });
    object.registerSignal("Changed")
        .onInterface(interface)
        .withParameters<std::int32_t, std::string>();
}

class peers {
public:
    explicit peers(transport t)
        : service_{t, [this](auto& object, auto& bus) { fill(object, bus, served_); }},
          bus_{bench::connect_sdbus_cpp(t)}, proxy_{sdbus::createProxy(*bus_, bench::service_name,
                                                                       path)} {
        proxy_->finishRegistration();
    }
    ~peers() { proxy_->callMethod("Stop").onInterface(interface); }

    void round_trip() {
        std::int32_t twice = 0;
        proxy_->callMethod("Twice").onInterface(interface).withArguments(21).storeResultsTo(twice);
        bench::must(twice == 42, "Twice");
    }
    void in_flight(int calls) {
        int left = calls;
        for (int i = 0; i < calls; ++i)
            proxy_->callMethodAsync("Twice")
                .onInterface(interface)
                .withArguments(21)
                .uponReplyInvoke([&left](const sdbus::Error*, std::int32_t twice) {
                    bench::must(twice == 42, "Twice");
                    --left;
                });
        bench::process_until(*bus_, [&left] { return left == 0; });
    }
    void one_way(int calls) {
        for (int i = 0; i < calls; ++i)
            proxy_->callMethod("Note").onInterface(interface).withArguments(i).dontExpectReply();
        round_trip();
    }
    void get() {
        const auto level = proxy_->getProperty("Level").onInterface(interface).get<std::int32_t>();
        bench::keep(level);
    }
    void get_all() {
        std::map<std::string, sdbus::Variant> all;
        proxy_->callMethod("GetAll")
            .onInterface(bench::properties_interface)
            .withArguments(std::string{interface})
            .storeResultsTo(all);
        bench::must(all.size() == 10, "GetAll");
    }
    void set() { proxy_->setProperty("Level").onInterface(interface).toValue(9); }
    void introspect() {
        std::string xml;
        proxy_->callMethod("Introspect")
            .onInterface(bench::introspectable_interface)
            .storeResultsTo(xml);
        bench::must(xml.size() > 500, "Introspect");
    }

private:
    served served_;
    bench::sdbus_cpp_service service_;
    std::unique_ptr<sdbus::IConnection> bus_;
    std::unique_ptr<sdbus::IProxy> proxy_;
};

// A proxy has one callback for a signal: there are as many proxies as subscribers.
class signals {
public:
    signals(transport t, int subscribers)
        : emitter_{bench::connect_sdbus_cpp(t)}, listener_{bench::connect_sdbus_cpp(t)},
          object_{sdbus::createObject(*emitter_, path)}, subscribers_{subscribers} {
        object_->registerSignal("Changed")
            .onInterface(interface)
            .withParameters<std::int32_t, std::string>();
        object_->finishRegistration();
        for (int i = 0; i < subscribers; ++i) {
            proxies_.push_back(sdbus::createProxy(*listener_, emitter_->getUniqueName(), path));
            proxies_.back()->uponSignal("Changed").onInterface(interface).call(
                [this](std::int32_t, const std::string& word) {
                    ++taken_;
                    bench::keep(word);
                });
            proxies_.back()->finishRegistration();
        }
    }
    void emit_and_receive() {
        taken_ = 0;
        object_->emitSignal("Changed").onInterface(interface).withArguments(
            5, std::string{"some text"});
        bench::process_until(*listener_, [this] { return taken_ == subscribers_; });
    }

private:
    std::unique_ptr<sdbus::IConnection> emitter_, listener_;
    std::unique_ptr<sdbus::IObject> object_;
    std::vector<std::unique_ptr<sdbus::IProxy>> proxies_;
    int subscribers_;
    int taken_ = 0;
};

[[maybe_unused]] const bool added[] = {
    bench::add_calls<peers>("sdbus_cpp", {transport::daemon, transport::broker}),
    bench::add_signals<signals>("sdbus_cpp", {transport::daemon}),
};

} // namespace
