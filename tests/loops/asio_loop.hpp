// Asio, by ctbus::asio_loop; `asio` is either library here.
#pragma once

#include "loop.hpp"

#include <ctbus/timer.hpp>

#include <doctest/doctest.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

class asio_context : public test::loop {
public:
    void add(ctbus::connection& bus) override {
        all_.add(bus).emplace(bus, context_,
                              [this](const ctbus::error& e) { lost.emplace_back(e.what()); });
    }
    void remove(ctbus::connection& bus) override { all_.remove(bus); }
    void closing(ctbus::connection&) override {}
    void turn() override { REQUIRE(context_.run_one() == 1); }

private:
    asio::io_context context_;
    test::connections<std::optional<ctbus::asio_loop>> all_;
};

} // namespace

std::unique_ptr<test::loop> test::make_loop() {
    return std::make_unique<asio_context>();
}

namespace {

std::vector<std::string> reported; // NOLINT(cert-err58-cpp)

} // namespace

TEST_CASE_FIXTURE(test::alarmed,
                  "asio: run() returns when the connection is closed, or the loop gone") {
    for (const bool close : {true, false}) {
        asio::io_context context;
        std::optional<ctbus::connection> bus;
        auto ends = ctbus::connection::pair();
        bus.emplace(std::move(ends.first));
        std::optional<ctbus::asio_loop> loop{std::in_place, *bus, context};
        context.poll();
        CHECK_FALSE(context.stopped());
        asio::post(context, [&] {
            if (close) bus.reset();
            else loop.reset();
        });
        context.run();
        if (loop) CHECK_FALSE(static_cast<bool>(*loop));
        // Its descriptor is as it was: the other end hears of a close at once, and of nothing else.
        if (!close) CHECK(bus->process() == false);
        ends.second.process();
        const auto other = ends.second.try_process();
        CHECK((close ? !other || *other : other && !*other));
    }
}

TEST_CASE_FIXTURE(test::alarmed, "asio: the io_context goes with what is left of a loop in it") {
    auto [one, other] = ctbus::connection::pair();
    {
        asio::io_context context;
        { const ctbus::asio_loop never_run{one, context}; }
        const ctbus::asio_loop moved = [&] {
            ctbus::asio_loop made{other, context.get_executor()};
            context.poll();
            return made;
        }();
        CHECK(static_cast<bool>(moved));
    }
    CHECK_FALSE(one.process());
    CHECK_FALSE(other.process());
}

TEST_CASE_FIXTURE(test::alarmed, "asio: made here and run by another thread") {
    asio::io_context context;
    auto [one, other] = ctbus::connection::pair();
    const ctbus::asio_loop loop{one, context};
    int rang = 0;
    ctbus::timer timer;
    std::thread runs{[&] {
        // By now it sleeps; what is armed in this thread has to wake it.
        context.run_for(std::chrono::milliseconds{20});
        timer = ctbus::after(one, std::chrono::milliseconds{1}).then([&] {
            ++rang;
            context.stop();
        });
        context.run();
    }};
    runs.join();
    CHECK(rang == 1);
}

TEST_CASE_FIXTURE(test::alarmed,
                  "asio: what cannot be run is an error, and a lost one is reported") {
    asio::io_context context;
    auto [one, other] = ctbus::connection::pair();
    const ctbus::asio_loop first{one, context};
    const auto twice = ctbus::asio_loop::try_make(one, context);
    REQUIRE_FALSE(twice);
    CHECK(twice.error().code() == EEXIST);
    reported.clear();
    const auto before =
        ctbus::set_report_handler([](const ctbus::error& e) { reported.emplace_back(e.what()); });
    other = ctbus::connection::pair().first;
    context.run();
    CHECK_FALSE(static_cast<bool>(first));
    const ctbus::connection closed{std::move(one)};
    CHECK_THROWS_AS([&] { const ctbus::asio_loop never(closed, context); }(), ctbus::error);
    ctbus::set_report_handler(before);
    REQUIRE(reported.size() == 1);
    CHECK(reported[0].find("the connection is lost (asio_loop)") != std::string::npos);
}
