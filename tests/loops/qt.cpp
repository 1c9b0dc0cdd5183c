// Qt, over what poll_data() says.
#include "loop.hpp"

#include <QAbstractEventDispatcher>
#include <QCoreApplication>
#include <QSocketNotifier>
#include <QTimer>

#include <cstdint>
#include <optional>
#include <poll.h>

namespace {

struct watched {
    QTimer timer;
    std::optional<QSocketNotifier> read, write;
    int fd = -1;
};

class qt_loop : public test::loop {
public:
    qt_loop() {
        QObject::connect(QAbstractEventDispatcher::instance(),
                         &QAbstractEventDispatcher::aboutToBlock, &all_at_once_, [this] {
                             all_.each([this](ctbus::connection& bus, watched& w) { ask(bus, w); });
                         });
    }

    void add(ctbus::connection& bus) override {
        watched& w = all_.add(bus);
        w.timer.setSingleShot(true);
        w.timer.setTimerType(Qt::PreciseTimer);
        QObject::connect(&w.timer, &QTimer::timeout, [this, &bus] { later(bus); });
    }
    // A notifier must not be destroyed in its own signal.
    void remove(ctbus::connection& bus) override { all_.remove(bus); }
    void turn() override {
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        for (ctbus::connection* bus : std::exchange(ready_, {}))
            if (all_.has(*bus)) process(all_, *bus);
    }

private:
    void later(ctbus::connection& bus) { ready_.push_back(&bus); }
    void ask(ctbus::connection& bus, watched& w) {
        const ctbus::poll_data wanted = bus.poll_data();
        if (wanted.fd != w.fd) {
            w.read.emplace(wanted.fd, QSocketNotifier::Read);
            w.write.emplace(wanted.fd, QSocketNotifier::Write);
            for (auto* notifier : {&*w.read, &*w.write})
                QObject::connect(notifier, &QSocketNotifier::activated,
                                 [this, &bus] { later(bus); });
            w.fd = wanted.fd;
        }
        w.read->setEnabled((wanted.events & POLLIN) != 0);
        w.write->setEnabled((wanted.events & POLLOUT) != 0);
        const int left = wanted.milliseconds();
        if (left < 0) w.timer.stop();
        else w.timer.start(left);
    }

    QObject all_at_once_;
    test::connections<watched> all_;
    std::vector<ctbus::connection*> ready_;
};

} // namespace

std::unique_ptr<test::loop> test::make_loop() {
    static int count = 1;
    static char name[] = "loops";
    static char* arguments[] = {name, nullptr};
    static QCoreApplication application{count, arguments};
    return std::make_unique<qt_loop>();
}
