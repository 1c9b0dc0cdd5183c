// epoll over what poll_data() says.
#include "loop.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <sys/epoll.h>
#include <unistd.h>

namespace {

struct watched {
    int fd = -1;
    short events = 0;
};

class epoll_loop : public test::loop {
public:
    epoll_loop() : epoll_{::epoll_create1(EPOLL_CLOEXEC)} { REQUIRE(epoll_ >= 0); }
    ~epoll_loop() override { ::close(epoll_); }

    void add(ctbus::connection& bus) override { all_.add(bus); }
    void remove(ctbus::connection& bus) override {
        all_.each([&](ctbus::connection& each, watched& w) {
            if (&each == &bus) watch(w, -1, 0);
        });
        all_.remove(bus);
    }
    void turn() override {
        ctbus::poll_data first{-1, 0, UINT64_MAX};
        all_.each([&](ctbus::connection& bus, watched& w) {
            const ctbus::poll_data wanted = bus.poll_data();
            watch(w, wanted.fd, wanted.events);
            if (wanted.timeout < first.timeout) first = wanted;
        });
        epoll_event ready[8];
        REQUIRE(::epoll_wait(epoll_, ready, 8, first.milliseconds()) >= 0);
        all_.each([&](ctbus::connection& bus, watched&) { process(all_, bus); });
    }

private:
    void watch(watched& w, int fd, short events) const {
        if (w.fd == fd && w.events == events) return;
        if (w.fd >= 0 && w.fd != fd) ::epoll_ctl(epoll_, EPOLL_CTL_DEL, w.fd, nullptr);
        epoll_event wanted{};
        wanted.events = static_cast<std::uint32_t>(events);
        const int how = w.fd == fd ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
        if (fd >= 0) REQUIRE(::epoll_ctl(epoll_, how, fd, &wanted) == 0);
        w = {fd, events};
    }

    int epoll_;
    test::connections<watched> all_;
};

} // namespace

std::unique_ptr<test::loop> test::make_loop() {
    return std::make_unique<epoll_loop>();
}
