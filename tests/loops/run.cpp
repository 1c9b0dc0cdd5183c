// connection::run(), of one connection after the other.
#include "loop.hpp"

#include <ctbus/timer.hpp>

#include <chrono>

namespace {

using namespace std::chrono_literals;

class run_loop : public test::loop {
public:
    void add(ctbus::connection& bus) override { all_.add(bus); }
    void remove(ctbus::connection& bus) override {
        all_.remove(bus);
        bus.stop();
    }
    bool sleeps() const override { return false; }
    void turn() override {
        all_.each([&](ctbus::connection& bus, char&) {
            const auto end = ctbus::after(bus, 1ms).then([&] { bus.stop(); });
            const auto ran = bus.try_run();
            if (ran || !all_.has(bus)) return;
            lost.emplace_back(ran.error().what());
            all_.remove(bus);
        });
    }

private:
    test::connections<char> all_;
};

} // namespace

std::unique_ptr<test::loop> test::make_loop() {
    return std::make_unique<run_loop>();
}
