// Qt D-Bus: a service in a thread of its own, and a client, connected to each other or to a bus.
#pragma once

#include "../data.hpp"
#include "../private_bus.hpp"
#include "../scenarios.hpp"

#include <QCoreApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCall>
#include <QDBusServer>
#include <QEventLoop>
#include <QString>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace bench {

inline QCoreApplication& application() {
    static int argc = 1;
    static char name[] = "benchmarks";
    static char* argv[] = {name, nullptr};
    static QCoreApplication one{argc, argv};
    return one;
}

inline QString new_connection_name() {
    static int number = 0;
    return QStringLiteral("connection %1").arg(++number);
}

class qt_ends {
public:
    explicit qt_ends(transport t) {
        application();
        if (t == transport::direct) pair_up();
        else {
            const QString address = QString::fromStdString(bus_address(t));
            service_name_ = new_connection_name();
            client_name_ = new_connection_name();
            for (const QString& name : {service_name_, client_name_})
                must(QDBusConnection::connectToBus(address, name).isConnected(), "connectToBus");
        }
    }
    qt_ends(const qt_ends&) = delete;
    qt_ends& operator=(const qt_ends&) = delete;
    ~qt_ends() {
        QDBusConnection::disconnectFromPeer(client_name_);
        QDBusConnection::disconnectFromBus(client_name_);
        QDBusConnection::disconnectFromPeer(service_name_);
        QDBusConnection::disconnectFromBus(service_name_);
    }

    QDBusConnection service() const { return QDBusConnection{service_name_}; }
    QDBusConnection client() const { return QDBusConnection{client_name_}; }

private:
    void pair_up() {
        server_ = std::make_unique<QDBusServer>(QStringLiteral("unix:tmpdir=/tmp"));
        server_->setAnonymousAuthenticationAllowed(true);
        QObject::connect(server_.get(), &QDBusServer::newConnection,
                         [this](const QDBusConnection& made) { service_name_ = made.name(); });
        client_name_ = new_connection_name();
        const QDBusConnection made =
            QDBusConnection::connectToPeer(server_->address(), client_name_);
        while (service_name_.isEmpty() || !made.isConnected())
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        // The server's end handles calls only once this loop has told it so: until it answers one.
        // (A ping would not do, which libdbus answers by itself.)
        const QDBusPendingCall first = made.asyncCall(QDBusMessage::createMethodCall(
            {}, QStringLiteral("/"), QString::fromLatin1(introspectable_interface),
            QStringLiteral("Introspect")));
        while (!first.isFinished()) QCoreApplication::processEvents(QEventLoop::AllEvents, 1);
    }

    std::unique_ptr<QDBusServer> server_;
    QString service_name_, client_name_;
};

inline void register_at(QDBusConnection bus, const QString& at, QObject& object) {
    constexpr auto what = QDBusConnection::ExportScriptableContents;
    must(bus.registerObject(at, &object, what), "registerObject");
}

/// Serves an object of class `Served` until its signal stopped().
template <class Served>
void serve_qt(QDBusConnection bus, transport t, const std::function<void()>& ready) {
    QEventLoop loop;
    Served object;
    QObject::connect(&object, &Served::stopped, &loop, &QEventLoop::quit, Qt::QueuedConnection);
    register_at(bus, QString::fromLatin1(path), object);
    if (t != transport::direct)
        must(bus.registerService(QString::fromLatin1(service_name)), "registerService");
    ready();
    loop.exec();
}

/// A call to be filled.
inline QDBusMessage new_qt_call(transport t, const char* of, const char* member) {
    return QDBusMessage::createMethodCall(
        t == transport::direct ? QString{} : QString::fromLatin1(service_name),
        QString::fromLatin1(path), QString::fromLatin1(of), QString::fromLatin1(member));
}

/// Calls, waits, and gives the first argument of the reply.
inline QVariant call_qt(const QDBusConnection& bus, const QDBusMessage& call) {
    const QDBusMessage reply = bus.call(call, QDBus::Block);
    if (reply.type() != QDBusMessage::ReplyMessage) give_up(qPrintable(reply.errorMessage()), -EIO);
    return reply.arguments().isEmpty() ? QVariant{} : reply.arguments().constFirst();
}

} // namespace bench
