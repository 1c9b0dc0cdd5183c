// sd-event, by connection::attach().
#include "loop.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <systemd/sd-event.h>

namespace {

class event_loop : public test::loop {
public:
    event_loop() { REQUIRE(sd_event_new(&event_) >= 0); }
    ~event_loop() override { sd_event_unref(event_); }

    void add(ctbus::connection& bus) override { bus.attach(event_); }
    void remove(ctbus::connection&) override {}
    bool can_remove() const override { return false; }
    void turn() override { REQUIRE(sd_event_run(event_, UINT64_MAX) >= 0); }

private:
    sd_event* event_ = nullptr;
};

} // namespace

std::unique_ptr<test::loop> test::make_loop() {
    return std::make_unique<event_loop>();
}
