// Runs one end of a pair in a thread of its own, so that the other end may block.
#pragma once

#include <ctbus/connection.hpp>

#include <cstdint>
#include <poll.h>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>

namespace test {

/// Handles the messages of `bus` in a thread until it is destroyed. The thread that made it must
/// leave `bus`, and what is exported on it, alone meanwhile.
class service_thread {
public:
    explicit service_thread(ctbus::connection& bus)
        : end_{::eventfd(0, EFD_CLOEXEC)}, thread_{[this, &bus] { run(bus); }} {}
    service_thread(const service_thread&) = delete;
    service_thread& operator=(const service_thread&) = delete;
    ~service_thread() {
        const std::uint64_t one = 1;
        static_cast<void>(::write(end_, &one, sizeof one) == sizeof one);
        thread_.join();
        ::close(end_);
    }

private:
    void run(ctbus::connection& bus) {
        for (;;) {
            const auto worked = bus.try_process();
            if (!worked) return;
            if (*worked) continue;
            const auto wanted = bus.try_poll_data();
            if (!wanted) return;
            pollfd fds[2] = {{wanted->fd, wanted->events, 0}, {end_, POLLIN, 0}};
            ::poll(fds, 2, -1);
            if (fds[1].revents != 0) return;
        }
    }

    int end_;
    std::thread thread_;
};

} // namespace test
