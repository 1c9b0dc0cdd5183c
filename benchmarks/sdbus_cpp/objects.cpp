// sdbus-c++, its convenience API: many objects, and interfaces of many methods.
#include "connected.hpp"

#include <memory>
#include <string>
#include <vector>

namespace {

using bench::interface;
using bench::path;
using bench::transport;

class exporter {
public:
    explicit exporter(int count) {
        for (int i = 0; i < count; ++i) paths_.push_back(bench::numbered_path(i));
    }
    void make_and_drop() {
        std::vector<std::unique_ptr<sdbus::IObject>> objects(paths_.size());
        for (std::size_t i = 0; i < objects.size(); ++i) {
            objects[i] = sdbus::createObject(*bus_, paths_[i]);
            objects[i]->registerMethod("Twice").onInterface(interface).implementedAs(
                [](std::int32_t n) { return 2 * n; });
            objects[i]->registerProperty("Level").onInterface(interface).withGetter(
                [this] { return level_; });
            objects[i]
                ->registerSignal("Changed")
                .onInterface(interface)
                .withParameters<std::int32_t, std::string>();
            objects[i]->finishRegistration();
        }
        bench::full();
    }

private:
    std::unique_ptr<sdbus::IConnection> bus_ = bench::connect_sdbus_cpp(transport::daemon);
    std::int32_t level_ = 7;
    std::vector<std::string> paths_;
};

void add_methods(sdbus::IObject& object, sdbus::IConnection& bus, int count) {
    for (int i = 0; i < count; ++i)
        object.registerMethod(bench::numbered_method(i))
            .onInterface(interface)
            .implementedAs([&bus](std::int32_t n) {
                if (n < 0) bus.leaveEventLoop();
                return 2 * n;
            });
}

template <int Methods>
class sized_exporter {
public:
    void make_and_drop() {
        const auto object = sdbus::createObject(*bus_, path);
        add_methods(*object, *bus_, Methods);
        object->finishRegistration();
        bench::full();
    }

private:
    std::unique_ptr<sdbus::IConnection> bus_ = bench::connect_sdbus_cpp(transport::daemon);
};

template <int Methods>
class sized_peers {
public:
    explicit sized_peers(transport t)
        : service_{t, [](auto& object, auto& bus) { add_methods(object, bus, Methods); }},
          bus_{bench::connect_sdbus_cpp(t)}, proxy_{sdbus::createProxy(*bus_, bench::service_name,
                                                                       path)} {
        proxy_->finishRegistration();
    }
    ~sized_peers() { call(-1); }
    void call(std::int32_t n = 21) {
        std::int32_t result = 0;
        proxy_->callMethod(last_).onInterface(interface).withArguments(n).storeResultsTo(result);
        bench::must(result == 2 * n, "the last method");
    }

private:
    std::string last_ = bench::numbered_method(Methods - 1);
    bench::sdbus_cpp_service service_;
    std::unique_ptr<sdbus::IConnection> bus_;
    std::unique_ptr<sdbus::IProxy> proxy_;
};

[[maybe_unused]] const bool added[] = {
    bench::add_exports<exporter>("sdbus_cpp"),
    bench::add_interface_sizes<sized_exporter, sized_peers>("sdbus_cpp", {transport::daemon}),
};

} // namespace
