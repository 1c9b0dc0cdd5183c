// Qt D-Bus: a client and a service, and signals.
#include "connected.hpp"
#include "served.hpp"

#include <QDBusArgument>
#include <QDBusVariant>
#include <QVariantMap>

#include <memory>
#include <vector>

namespace {

using bench::interface;
using bench::properties_interface;
using bench::transport;

class peers {
public:
    explicit peers(transport t)
        : transport_{t}, ends_{t}, service_{[this](const auto& ready) {
              bench::serve_qt<served>(ends_.service(), transport_, ready);
          }} {}
    ~peers() { bench::call_qt(bus_, new_call(interface, "Stop")); }

    void round_trip() {
        QDBusMessage m = new_call(interface, "Twice");
        m << 21;
        bench::must(bench::call_qt(bus_, m).toInt() == 42, "Twice");
    }
    void in_flight(int calls) {
        taken_ = 0;
        for (int i = 0; i < calls; ++i) {
            QDBusMessage m = new_call(interface, "Twice");
            m << 21;
            bus_.callWithCallback(m, &listener_, SLOT(answered(int)), SLOT(failed()));
        }
        while (taken_ != calls) QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    }
    void one_way(int calls) {
        for (int i = 0; i < calls; ++i) {
            QDBusMessage m = new_call(interface, "Note");
            m << i;
            bus_.call(m, QDBus::NoBlock);
        }
        round_trip();
    }
    void get() {
        QDBusMessage m = new_call(properties_interface, "Get");
        m << QString::fromLatin1(interface) << QStringLiteral("Level");
        const int level = bench::call_qt(bus_, m).value<QDBusVariant>().variant().toInt();
        bench::keep(level);
    }
    void get_all() {
        QDBusMessage m = new_call(properties_interface, "GetAll");
        m << QString::fromLatin1(interface);
        const auto all = qdbus_cast<QVariantMap>(bench::call_qt(bus_, m));
        bench::must(all.size() == 10, "GetAll");
    }
    void set() {
        QDBusMessage m = new_call(properties_interface, "Set");
        m << QString::fromLatin1(interface) << QStringLiteral("Level")
          << QVariant::fromValue(QDBusVariant{9});
        bench::call_qt(bus_, m);
    }
    void introspect() {
        const QString xml =
            bench::call_qt(bus_, new_call(bench::introspectable_interface, "Introspect"))
                .toString();
        bench::must(xml.size() > 500, "Introspect");
    }

private:
    QDBusMessage new_call(const char* of, const char* member) const {
        return bench::new_qt_call(transport_, of, member);
    }

    transport transport_;
    bench::qt_ends ends_;
    QDBusConnection bus_ = ends_.client();
    bench::service_thread service_;
    int taken_ = 0;
    listener listener_{taken_};
};

class signals_of_qt {
public:
    signals_of_qt(transport t, int subscribers) : ends_{t}, subscribers_{subscribers} {
        bench::register_at(emitter_, path_, object_);
        for (int i = 0; i < subscribers; ++i) {
            listeners_.push_back(std::make_unique<listener>(taken_));
            bench::must(client_.connect(t == transport::direct ? QString{} : emitter_.baseService(),
                                        path_, QString::fromLatin1(interface),
                                        QStringLiteral("Changed"), listeners_.back().get(),
                                        SLOT(hear(int, QString))),
                        "connect");
        }
        if (t != transport::direct) static_cast<void>(client_.call(to_bus())); // it knows of them
    }
    void emit_and_receive() {
        taken_ = 0;
        emit object_.Changed(5, QStringLiteral("some text"));
        while (taken_ != subscribers_)
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    }

private:
    static QDBusMessage to_bus() {
        return QDBusMessage::createMethodCall(
            QStringLiteral("org.freedesktop.DBus"), QStringLiteral("/org/freedesktop/DBus"),
            QStringLiteral("org.freedesktop.DBus"), QStringLiteral("GetId"));
    }

    const QString path_ = QString::fromLatin1(bench::path);
    bench::qt_ends ends_;
    QDBusConnection emitter_ = ends_.service(), client_ = ends_.client();
    served object_;
    std::vector<std::unique_ptr<listener>> listeners_;
    int subscribers_;
    int taken_ = 0;
};

constexpr auto all = {transport::direct, transport::daemon, transport::broker};
[[maybe_unused]] const bool added[] = {
    bench::add_calls<peers>("qt_dbus", all),
    bench::add_signals<signals_of_qt>("qt_dbus", {transport::direct, transport::daemon}),
};

} // namespace
