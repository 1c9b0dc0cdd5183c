// A connection in the loop of Qt, by poll_data(): a class to copy.
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

#include <QAbstractEventDispatcher>
#include <QCoreApplication>
#include <QSocketNotifier>
#include <QTimer>
#include <iostream>
#include <memory>
#include <poll.h>

class qt_loop {
public:
    explicit qt_loop(ctbus::connection& bus) : bus_{bus} {
        timer_.setSingleShot(true);
        timer_.setTimerType(Qt::PreciseTimer);
        QObject::connect(&timer_, &QTimer::timeout, [this] { process(); });
        // Whatever was called meanwhile, ask again before it sleeps.
        QObject::connect(QAbstractEventDispatcher::instance(),
            &QAbstractEventDispatcher::aboutToBlock,
            &timer_,
            [this] { ask(); });
        ask(); // processEvents() alone never sleeps
    }

private:
    void ask() {
        const auto wanted = bus_.try_poll_data();
        if (!wanted) return QCoreApplication::exit(1); // the connection is lost
        if (!read_ || read_->socket() != wanted->fd) {
            for (auto* each : {&read_, &write_}) {
                *each = std::make_unique<QSocketNotifier>(
                    wanted->fd, each == &read_ ? QSocketNotifier::Read : QSocketNotifier::Write);
                QObject::connect(each->get(), &QSocketNotifier::activated, [this] { process(); });
            }
        }
        read_->setEnabled((wanted->events & POLLIN) != 0);
        write_->setEnabled((wanted->events & POLLOUT) != 0);
        const int left = wanted->milliseconds();
        if (left < 0) timer_.stop();
        else timer_.start(left);
    }
    void process() {
        while (bus_.try_process().value_or(false)) {
        }
        // Not at once: ask() may destroy the notifier whose signal this is.
        QTimer::singleShot(0, &timer_, [this] { ask(); });
    }

    ctbus::connection& bus_;
    std::unique_ptr<QSocketNotifier> read_, write_;
    QTimer timer_;
};

struct echo_vtable :
    ctbus::vtable<"org.example.Echo",
        ctbus::handler<"Echo", [](std::string_view text) { return std::string{text}; }>> {};

int main(int argc, char** argv) {
    QCoreApplication application{argc, argv};
    auto [service, client] = ctbus::connection::pair();
    qt_loop service_runs{service}, client_runs{client};

    ctbus::object<echo_vtable> object{service, "/echo"};
    ctbus::proxy<echo_vtable> remote{client, "/echo"};
    auto call = remote.async_call<"Echo">("hello, Qt").then([](ctbus::result<std::string> text) {
        std::cout << text.value() << '\n';
        QCoreApplication::quit();
    });
    return application.exec();
}
