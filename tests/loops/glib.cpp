// GLib, by ctbus::glib_loop.
#include "loop.hpp"

#include <ctbus/glib.hpp>
#include <ctbus/timer.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace {

class main_context : public test::loop {
public:
    ~main_context() override { g_main_context_unref(context_); }

    void add(ctbus::connection& bus) override {
        all_.add(bus).emplace(bus, context_,
                              [this](const ctbus::error& e) { lost.emplace_back(e.what()); });
    }
    void remove(ctbus::connection& bus) override { all_.remove(bus); }
    void closing(ctbus::connection&) override {}
    void turn() override { g_main_context_iteration(context_, TRUE); }

private:
    GMainContext* context_ = g_main_context_new();
    test::connections<std::optional<ctbus::glib_loop>> all_;
};

} // namespace

std::unique_ptr<test::loop> test::make_loop() {
    return std::make_unique<main_context>();
}

TEST_CASE_FIXTURE(test::alarmed,
                  "glib: in the default context, moved, gone, and lost without a callback") {
    auto [one, other] = ctbus::connection::pair();
    std::optional<ctbus::glib_loop> loop{std::in_place, one};
    CHECK(std::string{g_source_get_name(loop->get())} == "ctbus");
    g_source_set_priority(loop->get(), G_PRIORITY_LOW);
    ctbus::glib_loop moved{std::move(*loop)};
    loop.emplace(std::move(moved));
    int rang = 0;
    const auto timer = ctbus::after(one, std::chrono::milliseconds{5}).then([&] {
        loop.reset(); // while it runs
        ++rang;
    });
    while (rang == 0) g_main_context_iteration(nullptr, TRUE);
    CHECK(g_main_context_iteration(nullptr, FALSE) == FALSE);

    loop.emplace(one);
    other = ctbus::connection::pair().first;
    static std::string reported;
    const auto before =
        ctbus::set_report_handler([](const ctbus::error& e) { reported = e.what(); });
    while (*loop) g_main_context_iteration(nullptr, TRUE);
    ctbus::set_report_handler(before);
    CHECK(reported.find("the connection is lost (glib_loop)") != std::string::npos);
    CHECK(ctbus::glib_loop::try_make(one).error().code() != 0);
    CHECK_THROWS_AS([&] { const ctbus::glib_loop never{one}; }(), ctbus::error);
}

TEST_CASE_FIXTURE(test::alarmed,
                  "glib: a connection that is closed here ends the source without a word") {
    std::optional<std::pair<ctbus::connection, ctbus::connection>> ends{ctbus::connection::pair()};
    GMainContext* context = g_main_context_new();
    const ctbus::glib_loop loop{ends->first, context, [](const ctbus::error&) { FAIL("told"); }};
    g_main_context_iteration(context, FALSE);
    CHECK(static_cast<bool>(loop));
    ends.reset();
    g_main_context_iteration(context, FALSE);
    CHECK_FALSE(static_cast<bool>(loop));
    g_main_context_unref(context);
}
