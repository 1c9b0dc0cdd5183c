// Qt D-Bus: many objects, and interfaces of many methods.
#include "connected.hpp"
#include "methods_5.hpp"
#include "methods_50.hpp"
#include "methods_500.hpp"
#include "served.hpp"

#include <type_traits>
#include <vector>

namespace {

using bench::transport;

class exporter {
public:
    explicit exporter(int count) {
        for (int i = 0; i < count; ++i)
            paths_.push_back(QString::fromStdString(bench::numbered_path(i)));
    }
    void make_and_drop() {
        for (const QString& at : paths_) bench::register_at(bus_, at, object_);
        bench::full();
        for (const QString& at : paths_) bus_.unregisterObject(at);
    }

private:
    bench::qt_ends ends_{transport::direct};
    QDBusConnection bus_ = ends_.service();
    small_served object_;
    std::vector<QString> paths_;
};

template <int Methods>
using methods = std::conditional_t<Methods == 5, methods_5,
                                   std::conditional_t<Methods == 50, methods_50, methods_500>>;

template <int Methods>
class sized_exporter {
public:
    void make_and_drop() {
        methods<Methods> object;
        bench::register_at(bus_, path_, object);
        bench::full();
        bus_.unregisterObject(path_);
    }

private:
    const QString path_ = QString::fromLatin1(bench::path);
    bench::qt_ends ends_{transport::direct};
    QDBusConnection bus_ = ends_.service();
};

template <int Methods>
class sized_peers {
public:
    explicit sized_peers(transport t)
        : transport_{t}, ends_{t}, service_{[this](const auto& ready) {
              bench::serve_qt<methods<Methods>>(ends_.service(), transport_, ready);
          }} {}
    ~sized_peers() { call(-1); }

    void call(int n = 21) {
        QDBusMessage m = bench::new_qt_call(transport_, bench::interface, last_.c_str());
        m << n;
        bench::must(bench::call_qt(bus_, m).toInt() == 2 * n, "the last method");
    }

private:
    transport transport_;
    bench::qt_ends ends_;
    QDBusConnection bus_ = ends_.client();
    std::string last_ = bench::numbered_method(Methods - 1);
    bench::service_thread service_;
};

[[maybe_unused]] const bool added[] = {
    bench::add_exports<exporter>("qt_dbus", {1, 1000}), // 100,000 would take minutes
    bench::add_interface_sizes<sized_exporter, sized_peers>("qt_dbus",
                                                            {transport::direct, transport::daemon}),
};

} // namespace
