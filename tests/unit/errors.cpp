// What a handler that fails answers with, what the error type says, and where reports go.
#include <ctbus/ctbus.hpp>

#include "must.hpp"
#include "one_thread.hpp"
#include "raw_peer.hpp"
#include "service_thread.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <cstdint>
#include <future>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <system_error>
#include <systemd/sd-bus.h>
#include <unistd.h>
#include <utility>
#include <vector>

using test::contains;
using test::failed;
using test::must;
using test::path;
using test::raw_peer;

namespace {

constexpr const char* name = "org.example.Errors";

struct service {
    int count() { return 0; }

    ctbus::result<int> result_of(bool good) {
        if (good) return 7;
        return ctbus::failure{ctbus::error::make<"org.example.Error.No">("no")};
    }
    ctbus::result<void> nothing(bool good) {
        if (good) return {};
        return ctbus::failure{ctbus::error::make<"org.example.Error.No">("no")};
    }
    ctbus::result<int> result_and_output(bool good, std::string& text) {
        text = "too";
        return result_of(good);
    }
    ctbus::result<void> refuses() {
        return test::refuse(ctbus::error::make<"org.example.Error.Custom">("custom text"));
    }
    ctbus::result<int> errno_result() { return ctbus::failure{ctbus::error::from_errno(EBUSY)}; }
    ctbus::result<int> empty_error() { return ctbus::failure{ctbus::error{}}; }
    const ctbus::result<std::string>& kept_result() { return kept; }
    ctbus::result<std::string> kept = "kept";
};

struct service_vtable
    : ctbus::vtable<"org.example.Errors", ctbus::handler<"Count", &service::count>,
                    ctbus::handler<"ResultOf", &service::result_of>,
                    ctbus::handler<"Nothing", &service::nothing>,
                    ctbus::handler<"ResultAndOutput", &service::result_and_output>,
                    ctbus::handler<"Refuses", &service::refuses>,
                    ctbus::handler<"ErrnoResult", &service::errno_result>,
                    ctbus::handler<"EmptyError", &service::empty_error>,
                    ctbus::handler<"KeptResult", &service::kept_result>> {};

struct fixture {
    raw_peer peer;
    service served;
    test::exported<service_vtable> object{peer.ours, "/test", served};

    template <class... Args>
    test::arrivals call(const char* member, const char* types = "", Args... args) {
        return peer.call(path, name, member, types, args...);
    }
};

std::vector<std::string> reports;

} // namespace

// ---- exceptions ----

#ifdef __cpp_exceptions
namespace {

struct own_exception : std::exception {
    const char* what() const noexcept override { return "of a class of its own"; }
};

struct throwing {
    [[noreturn]] void throw_error() {
        throw ctbus::error::make<"org.example.Error.Custom">("custom text");
    }
    [[noreturn]] void throw_errno_error() { throw ctbus::error::from_errno(ENOENT); }
    [[noreturn]] void throw_system_error() {
        throw std::system_error{EACCES, std::generic_category(), "opening"};
    }
    [[noreturn]] void throw_system_category() {
        throw std::system_error{ENOENT, std::system_category()};
    }
    [[noreturn]] void throw_other_category() {
        throw std::system_error{std::make_error_code(std::future_errc::no_state)};
    }
    [[noreturn]] void throw_bad_alloc() { throw std::bad_alloc{}; }
    [[noreturn]] void throw_logic_error() { throw std::logic_error{"illogical"}; }
    [[noreturn]] void throw_own() { throw own_exception{}; }
    [[noreturn]] void throw_bad_utf8() { throw std::runtime_error{"\xc3\x28 and \xff"}; }
    [[noreturn]] void throw_empty() { throw std::runtime_error{""}; }
    [[noreturn]] void throw_int() { throw 42; }
    [[noreturn]] int throw_what_a_proxy_throws(const ctbus::message&) {
        ctbus::or_throw<ctbus::error_style>(
            ctbus::result<int>{ctbus::failure{ctbus::error::make<"org.example.Error.Far">("far")}});
        std::terminate();
    }
    int count() { return 0; }
};
struct throwing_vtable
    : ctbus::vtable<"org.example.Throwing", ctbus::handler<"Count", &throwing::count>,
                    ctbus::handler<"Error", &throwing::throw_error>,
                    ctbus::handler<"ErrnoError", &throwing::throw_errno_error>,
                    ctbus::handler<"SystemError", &throwing::throw_system_error>,
                    ctbus::handler<"SystemCategory", &throwing::throw_system_category>,
                    ctbus::handler<"OtherCategory", &throwing::throw_other_category>,
                    ctbus::handler<"BadAlloc", &throwing::throw_bad_alloc>,
                    ctbus::handler<"LogicError", &throwing::throw_logic_error>,
                    ctbus::handler<"Own", &throwing::throw_own>,
                    ctbus::handler<"BadUtf8", &throwing::throw_bad_utf8>,
                    ctbus::handler<"Empty", &throwing::throw_empty>,
                    ctbus::handler<"Int", &throwing::throw_int>,
                    ctbus::handler<"Far", &throwing::throw_what_a_proxy_throws>> {};

} // namespace

TEST_CASE("S20 every kind of exception is one error, and the loop goes on") {
    raw_peer peer;
    throwing served;
    test::exported<throwing_vtable> object{peer.ours, "/test", served};
    const auto call = [&](const char* member) {
        return peer.call(path, "org.example.Throwing", member);
    };
    const auto check = [&](const char* member, std::string_view error, std::string_view text) {
        CAPTURE(member);
        const auto got = call(member);
        CHECK(got.error_name() == error);
        CHECK(contains(got.error_text(), text));
        CHECK(call("Count").reply() == "0");
    };
    check("Error", "org.example.Error.Custom", "custom text");
    check("ErrnoError", "org.freedesktop.DBus.Error.FileNotFound", "");
    check("SystemError", "org.freedesktop.DBus.Error.AccessDenied", "opening");
    check("SystemCategory", "org.freedesktop.DBus.Error.FileNotFound", "");
    check("OtherCategory", failed, "");
    check("BadAlloc", "org.freedesktop.DBus.Error.NoMemory", "");
    check("LogicError", failed, "illogical");
    check("Own", failed, "of a class of its own");
    check("BadUtf8", failed, "?( and ?");
    check("Empty", failed, "");
    check("Int", failed, "unknown exception");
    check("Far", "org.example.Error.Far", "far");
    CHECK(call("Error").error_text() == "custom text"); // unchanged
}

TEST_CASE("a caller gets what the service throws") {
    auto [ours, theirs] = must(ctbus::connection::try_pair());
    throwing served;
    test::exported<throwing_vtable> object{ours, "/test", served};
    test::service_thread thread{ours};
    ctbus::proxy<throwing_vtable> proxy{theirs, "/test"};
    CHECK(proxy.try_call<"Error">().error().is<"org.example.Error.Custom">());
    // Errors that sd-bus maps to an errno keep it on the way.
    CHECK(proxy.try_call<"SystemError">().error().code() == EACCES);
    CHECK(proxy.try_call<"BadAlloc">().error().code() == ENOMEM);
    CHECK(proxy.try_call<"Error">().error().code() == 0);
    try {
        proxy.call<"Int">();
        FAIL("no exception");
    } catch (const ctbus::error& e) {
        CHECK(e.name() == failed);
    }
    CHECK_THROWS_AS(proxy.call<"Own">(), std::exception);
}
#endif

// ---- results ----

TEST_CASE_FIXTURE(fixture, "result<T> handlers answer with the value or the error") {
    CHECK(call("ResultOf", "b", 1).reply() == "7");
    CHECK(call("ResultOf", "b", 0).error_name() == "org.example.Error.No");
    CHECK(call("ResultOf", "b", 0).error_text() == "no");
    CHECK(call("Nothing", "b", 1).reply() == "");
    CHECK(call("Nothing", "b", 0).error_name() == "org.example.Error.No");
    CHECK(call("ResultAndOutput", "b", 1).reply() == R"(7 "too")");
    CHECK(call("ResultAndOutput", "b", 0).error_name() == "org.example.Error.No");
    CHECK(call("ErrnoResult").error_name() == "System.Error.EBUSY");
    CHECK(call("KeptResult").reply() == R"("kept")");
    CHECK(call("EmptyError").only().type() == "error"); // an error without words is one, too
}

TEST_CASE("a caller gets the service's error, thrown or as a result") {
    auto [ours, theirs] = must(ctbus::connection::try_pair());
    service served;
    test::exported<service_vtable> object{ours, "/test", served};
    test::service_thread thread{ours};
    ctbus::proxy<service_vtable> proxy{theirs, "/test"};

    const auto outcome = proxy.try_call<"Refuses">();
    REQUIRE(!outcome);
    CHECK(outcome.error().is<"org.example.Error.Custom">());
    CHECK(!outcome.error().is<"org.example.Error.Other">());
    CHECK(outcome.error().message() == "custom text");
    CHECK(contains(outcome.error().what(), "Refuses")); // what was called ...
    CHECK(contains(outcome.error().what(), "/test"));   // ... and where

#ifdef __cpp_exceptions
    try {
        proxy.call<"ResultOf">(false);
        FAIL("no exception");
    } catch (const ctbus::error& e) {
        CHECK(e.name() == "org.example.Error.No");
    }
#endif
    CHECK(proxy.try_call<"ResultOf">(false).error().name() == "org.example.Error.No");
    CHECK_THROWS_AS(proxy.call<"Nothing">(false), std::exception);
    CHECK(must(proxy.try_call<"ResultOf">(true)) == 7);
    CHECK(proxy.try_call<"ResultOf">(true).value() == 7);
    must(proxy.try_call<"Nothing">(true));
    CHECK(proxy.try_call<"Nothing">(true).has_value());

    // Errors that sd-bus maps to an errno keep it on the way.
    CHECK(proxy.try_call<"ErrnoResult">().error().code() == EBUSY);
    CHECK(proxy.try_call<"Refuses">().error().code() == 0);
}

namespace {

struct named_failure {
    const char* name = "";
    ctbus::result<int> fail() { return ctbus::failure{ctbus::error{name, "the disk is slow"}}; }
    ctbus::result<int> state() { return fail(); }
};
struct named_failure_vtable
    : ctbus::vtable<"org.example.Slow", ctbus::handler<"Fail", &named_failure::fail>,
                    ctbus::accessor<"State", &named_failure::state>> {};

} // namespace

TEST_CASE("S15 a peer's error of a timeout keeps its name and its text") {
    auto [ours, theirs] = must(ctbus::connection::try_pair());
    named_failure served;
    const test::exported<named_failure_vtable> object{theirs, "/slow", served};
    const ctbus::proxy<named_failure_vtable> proxy{ours, "/slow"};
    for (const char* timeout :
         {"org.freedesktop.DBus.Error.NoReply", "org.freedesktop.DBus.Error.TimedOut",
          "org.freedesktop.DBus.Error.Timeout", "System.Error.ETIMEDOUT"}) {
        CAPTURE(timeout);
        served.name = timeout;
        const test::service_thread thread{theirs};
        const auto got = proxy.try_call<"Fail">();
        REQUIRE_FALSE(got.has_value());
        CHECK(got.error().name() == timeout);
        CHECK(got.error().message() == "the disk is slow");
    }
}

TEST_CASE("the error of a property's call names the property and its interface") {
    auto [ours, theirs] = must(ctbus::connection::try_pair());
    named_failure served{"org.example.Error.Slow"};
    const test::exported<named_failure_vtable> object{theirs, "/slow", served};
    const ctbus::proxy<named_failure_vtable> proxy{ours, "/slow"};
    const test::service_thread thread{theirs};
    const auto got = proxy.try_get<"State">();
    REQUIRE_FALSE(got.has_value());
    CHECK(std::string{got.error().what()} ==
          "org.example.Error.Slow: the disk is slow (property State of org.example.Slow, calling "
          "org.freedesktop.DBus.Properties.Get at /slow)");
    const auto all = proxy.try_get_all();
    REQUIRE_FALSE(all.has_value());
    CHECK(contains(all.error().what(), "properties of org.example.Slow, calling "));
}

TEST_CASE("errors know their errno, where one is known") {
    CHECK(ctbus::error::from_errno(ENOENT).code() == ENOENT);
    CHECK(ctbus::error::from_errno(-ENOENT).code() == ENOENT);
    CHECK(ctbus::error::from_errno(ENOENT).name() == "org.freedesktop.DBus.Error.FileNotFound");
    CHECK(!ctbus::error::from_errno(ENOENT).message().empty());
    CHECK(ctbus::error::from_errno(EBUSY).name() == "System.Error.EBUSY");
    CHECK(ctbus::error::from_errno(ENOENT, "gone").message() == "gone");
    CHECK(ctbus::error{"org.freedesktop.DBus.Error.AccessDenied", "no"}.code() == EACCES);
    CHECK(ctbus::error{"org.example.Unknown", "no"}.code() == 0);
    CHECK(ctbus::error{failed, "no"}.code() == 0); // EACCES for sd-bus
    CHECK(ctbus::error::from_errno(EIO).code() == EIO);
    CHECK(ctbus::error{"System.Error.EBUSY", ""}.code() == EBUSY);
}

TEST_CASE("errors are values") {
    ctbus::error a = ctbus::error::make<"org.example.A">("first");
    ctbus::error b = a;
    CHECK(a == b);
    CHECK(b.message() == "first");
    CHECK(b.name() == "org.example.A");
    CHECK(contains(b.what(), "org.example.A"));
    CHECK(contains(b.what(), "first"));
    ctbus::error c = std::move(a);
    CHECK(c == b);
    a = ctbus::error::make<"org.example.B">("second");
    CHECK(a != b);
    b = a;
    a = ctbus::error{};
    CHECK(b.message() == "second");
    CHECK(c.message() == "first");
    ctbus::error& same = c;
    c = same;
    CHECK(c.message() == "first");
    std::swap(b, c);
    CHECK(b.message() == "first");

    const ctbus::error none;
    CHECK(none.name().empty());
    CHECK(none.message().empty());
    CHECK(std::string_view{none.what()}.empty());
    CHECK(none.code() == 0);
    CHECK(none == ctbus::error{});
    CHECK(none != b);

    const auto e = ctbus::error{"org.example.A", "text", "while testing"};
    CHECK(contains(e.what(), "while testing"));
    CHECK(!contains(e.message(), "while testing"));
}

TEST_CASE("what an error says is made once, from valid text") {
    const auto e = ctbus::error{"org.example.A", std::string_view{"a\0b\xff", 4}, "with \xff"};
    CHECK(e.message() == "a?b?");
    CHECK(std::string{e.what()} == "org.example.A: a?b? (with ?)");
    CHECK(static_cast<const void*>(ctbus::error{e}.what()) == e.what());
    CHECK(std::string{e.during("in %s", "it").in_context("there").what()} ==
          "org.example.A: a?b? (there, in it, with ?)");
    CHECK(std::string{ctbus::error{"org.example.A", ""}.what()} == "org.example.A");
    CHECK(std::string{ctbus::error{"org.example.A", "", "in it"}.what()} ==
          "org.example.A (in it)");
    CHECK(ctbus::error{"org.example.A", "", nullptr, EBUSY}.during("in it").code() == EBUSY);
    const ctbus::error io{"org.freedesktop.DBus.Error.IOError", ""};
    CHECK(io.during("in it").code() == EIO);
    CHECK(io.code() == EIO);
    CHECK(io.code() == EIO);
    CHECK(std::string_view{ctbus::error::from_errno(0).message()}.empty());
    // A log gets one line, whatever a peer writes; its text itself stays as it is.
    const ctbus::error lines{"org.example.A", "a\nctbus: b\x1b[1m\x7f"};
    CHECK(std::string{lines.what()} == "org.example.A: a ctbus: b [1m ");
    CHECK(lines.message() == "a\nctbus: b\x1b[1m\x7f");
}

TEST_CASE_FIXTURE(fixture, "an error without words is reported, too") {
    reports.clear();
    const ctbus::report_handler before =
        ctbus::set_report_handler([](const ctbus::error& e) { reports.emplace_back(e.what()); });
    CHECK(peer.call_no_reply(path, name, "EmptyError").empty());
    ctbus::set_report_handler(before);
    REQUIRE(reports.size() == 1);
    CHECK(contains(reports[0], "in EmptyError, whose caller wants no reply"));
    CHECK(contains(reports[0], failed));
    const ctbus::error none = ctbus::error{}.during("somewhere");
    CHECK(none.name() == failed);
    CHECK(contains(none.what(), "somewhere"));
}

TEST_CASE("a child of fork() is told that the connection is not its own") {
    auto [bus, peer] = must(ctbus::connection::try_pair());
    const ctbus::proxy<service_vtable> proxy{bus, path};
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const auto called = proxy.try_call<"Count">();
        const auto processed = bus.try_process();
        ::_exit(!called && contains(called.error().what(), "before fork()") && !processed &&
                        contains(processed.error().what(), "before fork()")
                    ? 0
                    : 1);
    }
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(bus.try_process());
}

TEST_CASE("reports go to the handler that was set") {
    reports.clear();
    const auto first = [](const ctbus::error& e) { reports.emplace_back(e.message()); };
    const ctbus::report_handler before = ctbus::set_report_handler(first);
    ctbus::report(ctbus::error::make<"org.example.A">("one"));
    CHECK((ctbus::set_report_handler(nullptr) == +first));
    CHECK((ctbus::set_report_handler(before) == nullptr));
    CHECK(reports == std::vector<std::string>{"one"});
}

TEST_CASE("S27 a direct connection has no names, and says so") {
    auto [ours, theirs] = must(ctbus::connection::try_pair());
    const auto is_clear = [](const auto& outcome) {
        REQUIRE(!outcome);
        CHECK(outcome.error().code() == EOPNOTSUPP);
        CHECK(contains(outcome.error().message(), "name"));
    };
    for (ctbus::connection* bus : {&ours, &theirs}) {
        is_clear(bus->try_request_name("org.example.Name"));
        is_clear(bus->try_request_name("org.example.Name", ctbus::name_flag::queue));
        is_clear(bus->try_release_name("org.example.Name"));
        is_clear(bus->try_unique_name());
        is_clear(bus->try_list_names());
        is_clear(bus->try_list_activatable_names());
        is_clear(bus->try_name_has_owner("org.example.Name"));
        is_clear(bus->try_name_owner("org.example.Name"));
        is_clear(bus->try_name_pid("org.example.Name"));
        is_clear(bus->try_name_uid("org.example.Name"));
        is_clear(bus->try_start_service("org.example.Name"));
    }
    CHECK_THROWS_AS(ours.request_name("org.example.Name"), ctbus::error);
    CHECK_THROWS_AS(ours.unique_name(), ctbus::error);
    CHECK(!must(ours.try_process())); // nothing was sent
    CHECK(!must(theirs.try_process()));
}

TEST_CASE("opening what is not there is a clear error") {
    CHECK(!ctbus::connection::try_from_fd(-1, ctbus::role::client));
    const auto none = ctbus::connection::try_from_fd(1'000'000, ctbus::role::client);
    REQUIRE(!none);
    CHECK(none.error().code() == EBADF);
    CHECK_THROWS_AS(ctbus::connection::from_fd(-1, ctbus::role::server), ctbus::error);
    const auto nowhere = ctbus::connection::try_open("unix:path=/nowhere/at/all");
    REQUIRE(!nowhere);
    CHECK(contains(nowhere.error().what(), "/nowhere/at/all"));
    CHECK(!ctbus::connection::try_open("not an address"));
}

namespace {

struct too_late {
    ctbus::deferred<int> kept;
    ctbus::deferred<> kept_set;

    int level() { return 0; }
    ctbus::result<void> set_level(int, const ctbus::message& call) {
        must(call.try_reply());
        return test::refuse(ctbus::error{failed, "late"});
    }
    ctbus::result<void> set_later(int, const ctbus::message& call) {
        kept_set = must(call.try_defer<>());
        return test::refuse(ctbus::error{failed, "late"});
    }
    ctbus::result<int> replies(const ctbus::message& call) {
        must(call.try_reply(1));
        return test::refuse(ctbus::error{failed, "late"});
    }
    ctbus::result<int> defers(const ctbus::message& call) {
        kept = must(call.try_defer<int>());
        return test::refuse(ctbus::error{failed, "late"});
    }
    int quits(const ctbus::message& call) {
        sd_bus_close(sd_bus_message_get_bus(call.get()));
        return 1;
    }
};
struct too_late_vtable
    : ctbus::vtable<"org.example.Errors", ctbus::handler<"Replies", &too_late::replies>,
                    ctbus::handler<"Defers", &too_late::defers>,
                    ctbus::handler<"Quits", &too_late::quits>,
                    ctbus::accessor<"Level", &too_late::level, &too_late::set_level>,
                    ctbus::accessor<"Later", &too_late::level, &too_late::set_later>> {};

} // namespace

TEST_CASE("a report says when it was too late") {
    raw_peer peer;
    too_late served;
    const test::exported<too_late_vtable> object{peer.ours, "/test", served};
    const test::reports reported;
    const auto set = [&](const char* property) {
        static_cast<void>(peer.call(path, "org.freedesktop.DBus.Properties", "Set", "ssv", name,
                                    property, "i", 1));
    };
    CHECK(peer.call(path, name, "Replies").reply() == "1");
    static_cast<void>(peer.call(path, name, "Defers"));
    set("Level");
    set("Later");
    const test::raw_message quit = peer.make_call(path, name, "Quits");
    REQUIRE(sd_bus_message_set_expect_reply(quit.get(), 0) >= 0);
    REQUIRE(sd_bus_send(nullptr, quit.get(), nullptr) >= 0);
    while (auto worked = peer.ours.try_process())
        if (!*worked) break;
    REQUIRE(reported.texts().size() == 5);
    CHECK(contains(reported.texts()[0], "late (after the reply to Replies)"));
    CHECK(contains(reported.texts()[1], "late (after deferring Defers)"));
    CHECK(contains(reported.texts()[2], "late (in the setter of Level, after its reply)"));
    CHECK(contains(reported.texts()[3], "late (in the setter of Later, after deferring the call)"));
    CHECK(contains(reported.texts()[4], "ENOTCONN: the connection is closed (in Quits"));
}

namespace {

struct closes {
    std::optional<ctbus::connection>* bus;

    int succeeds() {
        bus->reset();
        return 1;
    }
    void is_silent() { bus->reset(); }
    ctbus::result<int> refuses() {
        bus->reset();
        return test::refuse(ctbus::error{failed, "sorry"});
    }
};
struct closes_vtable
    : ctbus::vtable<"org.example.Errors", ctbus::handler<"Succeeds", &closes::succeeds>,
                    ctbus::handler<"IsSilent", &closes::is_silent>,
                    ctbus::handler<"Refuses", &closes::refuses>> {};

} // namespace

TEST_CASE("a report of a reply that found no connection says what was to be sent") {
    const auto report_of = [](const char* member) {
        auto ends = must(ctbus::connection::try_pair());
        std::optional<ctbus::connection> bus{std::move(ends.first)};
        closes served{&bus};
        const test::exported<closes_vtable> object{*bus, path, served};
        const test::reports reported;
        const auto call = must(ends.second.try_new_call("", "/test", "org.example.Errors",
                                                        *ctbus::member_name::parse(member)));
        REQUIRE(sd_bus_call_async(
                    ends.second.get(), nullptr, call.get(),
                    [](sd_bus_message*, void*, sd_bus_error*) { return 0; }, nullptr, 0) >= 0);
        for (int i = 0; i < 100 && bus; ++i) {
            static_cast<void>(ends.second.try_process());
            static_cast<void>(bus->try_process());
        }
        REQUIRE(reported.texts().size() == 1);
        return reported.texts()[0];
    };
    CHECK(
        contains(report_of("Succeeds"), "the connection is closed (sending the reply to Succeeds"));
    CHECK(
        contains(report_of("IsSilent"), "the connection is closed (sending the reply to IsSilent"));
    CHECK(contains(report_of("Refuses"),
                   "the connection is closed (sending an error reply to Refuses"));
}
