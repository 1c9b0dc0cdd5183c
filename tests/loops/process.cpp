// process() and wait() by hand.
#include "loop.hpp"

#include <chrono>

namespace {

using namespace std::chrono_literals;

class process_loop : public test::loop {
public:
    void add(ctbus::connection& bus) override { all_.add(bus); }
    void remove(ctbus::connection& bus) override { all_.remove(bus); }
    bool sleeps() const override { return false; }
    void turn() override {
        all_.each([&](ctbus::connection& bus, char&) {
            auto worked = bus.try_process();
            if (!all_.has(bus)) return;
            if (worked && !*worked) worked = bus.try_wait(1ms);
            if (worked) return;
            lost.emplace_back(worked.error().what());
            all_.remove(bus);
        });
    }

private:
    test::connections<char> all_;
};

} // namespace

std::unique_ptr<test::loop> test::make_loop() {
    return std::make_unique<process_loop>();
}
