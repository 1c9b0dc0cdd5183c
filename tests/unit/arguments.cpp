// Arguments that cannot be read or written: the error names the argument (S35, S41), and what a
// proxy takes for a parameter.
#include <ctbus/ctbus.hpp>

#include "must.hpp"
#include "raw_peer.hpp"
#include "service_thread.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

using test::contains;
using test::failed;
using test::invalid_args;
using test::must;
using test::path;
using test::raw_peer;

namespace {

constexpr const char* name = "org.example.Arguments";

enum class colour { red, green };
enum class size : std::uint8_t { small, large };
using choice = std::variant<int, std::string>;

struct settings {
    std::string title;
    std::uint32_t width = 0;
    std::optional<std::vector<int>> points;
    std::optional<colour> shade;
};
struct hints {
    std::variant<std::string, std::vector<std::string>> artist;
    std::optional<ctbus::variant> extra;
};
struct holder {
    std::string name;
    settings held;
};
struct by_throwing {
    int value;
};
struct by_result {
    int value;
};
struct by_other_exception {
    int value;
};
struct unmade {
    std::string never;
    unmade() = default;
#ifdef __cpp_exceptions
    explicit unmade(int n) {
        throw n;
    }
#endif
};

} // namespace

template <>
inline constexpr std::pair<colour, const char*> ctbus::enum_strings<colour>[] = {
    {colour::red, "red"}, {colour::green, "green"}};
template <>
inline constexpr bool ctbus::as_dict<settings> = true;
template <>
inline constexpr bool ctbus::as_dict<hints> = true;
template <>
struct ctbus::wire<by_throwing> {
    using type = int;
    static int to(const by_throwing& v) { return v.value; }
    static by_throwing from(int n) {
#ifdef __cpp_exceptions
        if (n < 0) ctbus::throw_error(ctbus::error::make<"org.example.Negative">("below 0"));
#endif
        return {n};
    }
};
template <>
struct ctbus::wire<by_result> {
    using type = int;
    static int to(const by_result& v) { return v.value; }
    static ctbus::result<by_result> from(int n) {
        if (n >= 0) return by_result{n};
        if (n == -1) return ctbus::failure{ctbus::error::make<"org.example.Negative">("below 0")};
        return ctbus::failure{
            ctbus::error::make<"org.freedesktop.DBus.Error.InvalidArgs">("is far below 0")};
    }
};
template <>
struct ctbus::wire<unmade> {
    using type = std::string;
    static std::string to(const unmade& u) { return u.never; }
    static unmade from(std::string) { return {}; }
};
template <>
struct ctbus::wire<by_other_exception> {
    using type = int;
    static int to(const by_other_exception& v) { return v.value; }
    static by_other_exception from(int n) {
#ifdef __cpp_exceptions
        if (n < 0) throw std::out_of_range{"below 0"};
#endif
        return {n};
    }
};

namespace {

struct service {
    int ran = 0;

    void choose(int, const choice&) { ++ran; }
    void choose_many(const std::vector<choice>&) { ++ran; }
    void choose_dict(const std::map<std::string, choice>&) { ++ran; }
    void paint(colour) { ++ran; }
    void paint_many(const std::vector<colour>&) { ++ran; }
    void three(const std::array<int, 3>&) { ++ran; }
    void two_texts(const std::array<std::string, 2>&) { ++ran; }
    std::string configure(const settings& s) {
        ++ran;
        std::string text = s.title + " " + std::to_string(s.width);
        if (s.points)
            for (int p : *s.points) text += " " + std::to_string(p);
        return text;
    }
    hints hint(const hints& h) {
        ++ran;
        return h;
    }
    void configure_held(const holder&) { ++ran; }
    void configure_many(const std::vector<settings>&) { ++ran; }
    void throwing(int, by_throwing) { ++ran; }
    void resulting(int, by_result) { ++ran; }
    void other_exception(int, by_other_exception) { ++ran; }
    void many_throwing(const std::vector<by_throwing>&) { ++ran; }
    void many_resulting(const std::vector<by_result>&) { ++ran; }
    void many_other(const std::vector<by_other_exception>&) { ++ran; }
    void unnamed(choice, choice) { ++ran; }
};
struct service_vtable
    : ctbus::vtable<
          "org.example.Arguments",
          ctbus::handler<"Choose", &service::choose, ctbus::args<"first", "chosen">>,
          ctbus::handler<"ChooseMany", &service::choose_many, ctbus::args<"chosen">>,
          ctbus::handler<"ChooseDict", &service::choose_dict, ctbus::args<"chosen">>,
          ctbus::handler<"Paint", &service::paint, ctbus::args<"shade">>,
          ctbus::handler<"PaintMany", &service::paint_many, ctbus::args<"shades">>,
          ctbus::handler<"Three", &service::three, ctbus::args<"numbers">>,
          ctbus::handler<"TwoTexts", &service::two_texts, ctbus::args<"texts">>,
          ctbus::handler<"Configure", &service::configure, ctbus::args<"options">>,
          ctbus::handler<"Hint", &service::hint, ctbus::args<"hints">>,
          ctbus::handler<"ConfigureHeld", &service::configure_held, ctbus::args<"options">>,
          ctbus::handler<"ConfigureMany", &service::configure_many, ctbus::args<"options">>,
          ctbus::handler<"Throwing", &service::throwing, ctbus::args<"first", "mapped">>,
          ctbus::handler<"Resulting", &service::resulting, ctbus::args<"first", "mapped">>,
          ctbus::handler<"OtherException", &service::other_exception,
                         ctbus::args<"first", "mapped">>,
          ctbus::handler<"ManyThrowing", &service::many_throwing, ctbus::args<"mapped">>,
          ctbus::handler<"ManyResulting", &service::many_resulting, ctbus::args<"mapped">>,
          ctbus::handler<"ManyOther", &service::many_other, ctbus::args<"mapped">>,
          ctbus::handler<"Unnamed", &service::unnamed>> {};

struct fixture {
    raw_peer peer;
    service served;
    test::exported<service_vtable> object{peer.ours, "/test", served};

    // The call is refused with InvalidArgs, whose text names the argument; the handler does not
    // run.
    template <class... Args>
    void refused(const char* argument, const char* member, const char* types, Args... args) {
        CAPTURE(member);
        served.ran = 0;
        const auto got = peer.call(path, name, member, types, args...);
        CHECK(got.error_name() == invalid_args);
        const std::string text{got.error_text()}; // a REQUIRE inside the message would hang
        CHECK_MESSAGE(contains(text, argument), text);
        CHECK(served.ran == 0);
    }
    template <class... Args>
    std::string accepted(const char* member, const char* types, Args... args) {
        CAPTURE(member);
        served.ran = 0;
        const auto got = peer.call(path, name, member, types, args...);
        CHECK(served.ran == 1);
        return got.reply();
    }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "S38 arguments of another signature are refused, the handler not run") {
    served.ran = 0;
    for (const char* member : {"Choose", "Paint", "Three", "Configure", "Throwing"}) {
        CHECK(peer.call(path, name, member).error_name() == invalid_args);
        CHECK(peer.call(path, name, member, "d", 0.5).error_name() == invalid_args);
        CHECK(peer.call(path, name, member, "ss", "a", "b").error_name() == invalid_args);
    }
    CHECK(served.ran == 0);
}

TEST_CASE_FIXTURE(fixture, "S38 a variant that holds another type names the argument") {
    refused("chosen", "Choose", "iv", 1, "d", 0.5);
    refused("chosen", "Choose", "iv", 1, "x", std::int64_t{1}); // as strict as that
    refused("chosen", "Choose", "iv", 1, "u", 1);
    refused("chosen", "Choose", "iv", 1, "v", "i", 1);
    refused("chosen", "Choose", "iv", 1, "ai", 1, 1);
    refused("chosen", "Choose", "iv", 1, "(i)", 1);
    refused("chosen", "ChooseMany", "av", 2, "i", 1, "d", 0.5);
    refused("chosen", "ChooseDict", "a{sv}", 2, "a", "i", 1, "b", "d", 0.5);
    refused("1", "Unnamed", "vv", "d", 0.5, "i", 1);
    refused("2", "Unnamed", "vv", "i", 1, "d", 0.5);
    accepted("Choose", "iv", 1, "s", "x");
    accepted("Unnamed", "vv", "i", 1, "s", "x");
}

TEST_CASE_FIXTURE(fixture, "S38 an enumerator that does not exist names the argument") {
    refused("shade", "Paint", "s", "blue");
    refused("shade", "Paint", "s", "");
    refused("shade", "Paint", "s", "Red");
    refused("shades", "PaintMany", "as", 2, "red", "blue");
    CHECK(contains(peer.call(path, name, "Paint", "s", "blue").error_text(), "blue"));
    accepted("Paint", "s", "green");
}

TEST_CASE_FIXTURE(fixture, "S38 a fixed array of another length names the argument") {
    refused("numbers", "Three", "ai", 2, 1, 2);
    refused("numbers", "Three", "ai", 4, 1, 2, 3, 4);
    refused("numbers", "Three", "ai", 0);
    refused("texts", "TwoTexts", "as", 1, "a");
    refused("texts", "TwoTexts", "as", 3, "a", "b", "c");
    accepted("Three", "ai", 3, 1, 2, 3);
    accepted("TwoTexts", "as", 2, "a", "b");
}

TEST_CASE_FIXTURE(fixture, "as_dict: missing keys, unknown keys, duplicates, wrong types") {
    CHECK(accepted("Configure", "a{sv}", 2, "title", "s", "t", "width", "u", 5) == R"("t 5")");
    CHECK(accepted("Configure", "a{sv}", 2, "width", "u", 5, "title", "s", "t") == R"("t 5")");
    // A required key is missing.
    refused("options", "Configure", "a{sv}", 0);
    refused("options", "Configure", "a{sv}", 1, "title", "s", "t");
    CHECK(contains(peer.call(path, name, "Configure", "a{sv}", 1, "title", "s", "t").error_text(),
                   "width"));
    // Unknown keys are ignored, whatever they hold.
    CHECK(accepted("Configure", "a{sv}", 5, "one", "i", 1, "title", "s", "t", "Title", "s", "T",
                   "width", "u", 5, "more", "a{sv}", 1, "k", "(iv)", 1, "as", 1,
                   "x") == R"("t 5")");
    // Of duplicates the last wins, and nothing of the first is left.
    CHECK(accepted("Configure", "a{sv}", 4, "title", "s", "first", "width", "u", 1, "title", "s",
                   "last", "width", "u", 2) == R"("last 2")");
    CHECK(accepted("Configure", "a{sv}", 4, "points", "ai", 2, 1, 2, "title", "s", "t", "width",
                   "u", 5, "points", "ai", 1, 3) == R"("t 5 3")");
    // Wrong types, of required and optional fields.
    refused("options", "Configure", "a{sv}", 2, "title", "s", "t", "width", "i", 5);
    refused("options", "Configure", "a{sv}", 3, "title", "s", "t", "width", "u", 5, "points", "s",
            "x");
    CHECK(
        contains(peer.call(path, name, "Configure", "a{sv}", 2, "title", "s", "t", "width", "i", 5)
                     .error_text(),
                 "width"));
    // A value inside that does not decode.
    refused("options", "Configure", "a{sv}", 3, "title", "s", "t", "width", "u", 5, "shade", "s",
            "blue");
    // Nested.
    refused("options", "ConfigureHeld", "(sa{sv})", "n", 1, "title", "s", "t");
    refused("options", "ConfigureMany", "aa{sv}", 2, 2, "title", "s", "t", "width", "u", 5, 0);
    accepted("ConfigureHeld", "(sa{sv})", "n", 2, "title", "s", "t", "width", "u", 5);
    accepted("ConfigureMany", "aa{sv}", 0);
}

TEST_CASE_FIXTURE(fixture, "as_dict: a variant field is the entry's own variant") {
    // Each is a dictionary of variants; none of them holds one more.
    CHECK(accepted("Hint", "a{sv}", 2, "artist", "s", "Ann", "extra", "i", 3) ==
          R"([{"artist": <s "Ann">} {"extra": <i 3>}])");
    CHECK(accepted("Hint", "a{sv}", 2, "artist", "as", 2, "Ann", "Bo", "extra", "as", 1, "x") ==
          R"([{"artist": <as ["Ann" "Bo"]>} {"extra": <as ["x"]>}])");
    CHECK(accepted("Hint", "a{sv}", 1, "artist", "s", "Ann") == R"([{"artist": <s "Ann">}])");
    // What is in a variant inside, as in GetAll of a property that is a variant.
    CHECK(accepted("Hint", "a{sv}", 2, "artist", "v", "s", "Ann", "extra", "v", "i", 3) ==
          R"([{"artist": <s "Ann">} {"extra": <v <i 3>>}])");
    refused("hints", "Hint", "a{sv}", 1, "artist", "i", 5);
    refused("hints", "Hint", "a{sv}", 1, "artist", "v", "i", 5);
    for (const char* type : {"i", "v"}) {
        const auto answer = type[0] == 'i'
                                ? peer.call(path, name, "Hint", "a{sv}", 1, "artist", "i", 5)
                                : peer.call(path, name, "Hint", "a{sv}", 1, "artist", "v", "i", 5);
        CHECK(contains(answer.error_text(), "under the key \"artist\""));
    }
    refused("hints", "Hint", "a{sv}", 1, "extra", "i", 5);
}

TEST_CASE_FIXTURE(fixture, "wire<T> whose from() fails: its error is answered") {
    accepted("Throwing", "ii", 1, 5);
    accepted("Resulting", "ii", 1, 5);
    const auto answered = [&](const char* member, int value, std::string_view error,
                              std::string_view text) {
        CAPTURE(member);
        served.ran = 0;
        const auto got = peer.call(path, name, member, "ii", 1, value);
        CHECK(got.error_name() == error);
        CHECK(contains(got.error_text(), text));
        CHECK(served.ran == 0);
    };
#ifdef __cpp_exceptions
    answered("Throwing", -1, "org.example.Negative", "below 0");
#endif
    answered("Resulting", -1, "org.example.Negative", "below 0");
    answered("Resulting", -2, invalid_args, "is far below 0");
    refused("mapped", "Resulting", "ii", 1, -2);
}

TEST_CASE_FIXTURE(fixture, "wire<T> whose from() fails, of an element") {
    accepted("ManyThrowing", "ai", 2, 1, 5);
    accepted("ManyResulting", "ai", 2, 1, 5);
    refused("mapped", "ManyResulting", "ai", 3, 1, -2, 1);
    served.ran = 0;
    CHECK(peer.call(path, name, "ManyResulting", "ai", 3, 1, 2, -1).error_name() ==
          "org.example.Negative");
#ifdef __cpp_exceptions
    CHECK(peer.call(path, name, "ManyThrowing", "ai", 3, 1, 2, -1).error_name() ==
          "org.example.Negative");
    refused("mapped", "ManyOther", "ai", 3, -1, 2, 1);
#endif
    CHECK(served.ran == 0);
}

#ifdef __cpp_exceptions
TEST_CASE_FIXTURE(fixture, "wire<T> whose from() throws anything else: InvalidArgs, named") {
    refused("mapped", "OtherException", "ii", 1, -1);
    CHECK(contains(peer.call(path, name, "OtherException", "ii", 1, -1).error_text(), "below 0"));
}
#endif

// ---- what is written ----

namespace {

struct Writing
    : ctbus::interface<
          "org.example.Writing",
          ctbus::method<"Text", void(int, std::string), ctbus::args<"number", "words">>,
          ctbus::method<"Texts", void(std::vector<std::string>), ctbus::args<"words">>,
          ctbus::method<"Map", void(std::map<std::string, std::string>), ctbus::args<"words">>,
          ctbus::method<"Path", void(ctbus::object_path), ctbus::args<"where">>,
          ctbus::method<"Type", void(ctbus::signature), ctbus::args<"type">>,
          ctbus::method<"Choice", void(choice), ctbus::args<"chosen">>,
          ctbus::method<"Struct", void(holder), ctbus::args<"held">>,
          ctbus::method<"Colour", void(colour), ctbus::args<"shade">>,
          ctbus::method<"Fd", void(ctbus::unix_fd), ctbus::args<"file">>,
          ctbus::method<"Bool", void(bool)>, ctbus::method<"Byte", void(std::uint8_t)>,
          ctbus::method<"Int16", void(std::int16_t)>,
          ctbus::method<"Int32", void(std::int32_t), ctbus::args<"number">>,
          ctbus::method<"Uint32", void(std::uint32_t), ctbus::args<"number">>,
          ctbus::method<"Int64", void(std::int64_t)>, ctbus::method<"Uint64", void(std::uint64_t)>,
          ctbus::method<"Double", void(double)>, ctbus::method<"Numbers", void(std::vector<int>)>,
          ctbus::method<"Size", void(size)>,
          ctbus::method<"Fire", void(std::string), ctbus::no_reply>,
          ctbus::method<"Plain", void(int, std::string)>,
          ctbus::signal<"Said", void(int, std::string), ctbus::args<"number", "words">>,
          ctbus::signal<"Moved", void(ctbus::object_path), ctbus::args<"where">>> {};

struct writing {
    raw_peer peer;
    ctbus::proxy<Writing> proxy = ctbus::proxy<Writing>{peer.ours, "/test"}.with_timeout(soon{});

    struct soon { // a millisecond, without <chrono>
        struct period {
            static constexpr int num = 1, den = 1000;
        };
        static int count() { return 1; }
    };

    // Nothing is sent; the error names the argument.
    void refused(const ctbus::result<void>& outcome, std::string_view argument) {
        REQUIRE(!outcome);
        CHECK(outcome.error().name() == invalid_args);
        CHECK_MESSAGE(contains(outcome.error().message(), argument), outcome.error().what());
        CHECK(peer.settle().empty());
    }
    // It is sent: the body that arrives. (Nobody answers: the call itself times out.)
    std::string sent(const ctbus::result<void>& outcome) {
        REQUIRE(!outcome);
        REQUIRE(outcome.error().code() == ETIMEDOUT);
        return peer.settle().only().body();
    }
};

const std::string bad_utf8 = "caf\xe9";
const std::string with_nul{"a\0b", 3};

} // namespace

TEST_CASE_FIXTURE(writing, "S35 bad text is an error naming the argument, and nothing is sent") {
    for (const std::string& bad : {bad_utf8, with_nul, std::string{"\xed\xa0\x80"},
                                   std::string{"\xf5\x80\x80\x80"}, std::string{"\xc0\x80"}}) {
        CAPTURE(bad);
        refused(proxy.try_call<"Text">(1, bad), "words");
        refused(proxy.try_call<"Text">(1, std::string_view{bad}), "words");
        refused(proxy.try_call<"Texts">(std::vector{std::string{"good"}, bad}), "words");
        refused(proxy.try_call<"Map">(std::map<std::string, std::string>{{"k", bad}}), "words");
        refused(proxy.try_call<"Map">(std::map<std::string, std::string>{{bad, "v"}}), "words");
        refused(proxy.try_call<"Choice">(choice{bad}), "chosen");
        refused(proxy.try_call<"Struct">(holder{bad, {}}), "held");
        refused(proxy.try_call<"Struct">(holder{"n", {bad, 1, {}, {}}}), "held");
        refused(proxy.try_call<"Fire">(bad), "1");
        refused(proxy.try_call<"Plain">(1, bad), "2");
    }
    CHECK_THROWS_AS(proxy.call<"Text">(1, bad_utf8), ctbus::error);
}

TEST_CASE_FIXTURE(writing, "S35 bad paths and signatures at run time name the argument") {
    for (const char* bad : {"", "a", "/a/", "//", "/a b", "/\xC3\xA4"}) {
        refused(proxy.try_call<"Path">(bad), "where");
        refused(proxy.try_call<"Path">(std::string{bad}), "where");
    }
    refused(proxy.try_call<"Path">(std::string_view{"/a\0b", 4}), "where");
    for (const char* bad : {"a", "(", "()", "z", "{sv}", "a{vs}"})
        refused(proxy.try_call<"Type">(bad), "type");
    refused(proxy.try_call<"Type">(std::string(256, 'i')), "type");
    CHECK(sent(proxy.try_call<"Path">("/a")) == R"("/a")");
    CHECK(sent(proxy.try_call<"Path">(std::string{"/a/b"})) == R"("/a/b")");
    CHECK(sent(proxy.try_call<"Path">(ctbus::object_path_view{"/c"})) == R"("/c")");
    CHECK(sent(proxy.try_call<"Path">(ctbus::object_path{"/d"})) == R"("/d")");
    CHECK(sent(proxy.try_call<"Type">("a{sv}")) == R"("a{sv}")");
    CHECK(sent(proxy.try_call<"Type">(ctbus::signature{"ai"})) == R"("ai")");
}

TEST_CASE_FIXTURE(writing, "S35 signals with bad text are not sent") {
    refused(ctbus::try_emit<Writing, "Said">(peer.ours, "/test", 1, bad_utf8), "words");
    refused(ctbus::try_emit<Writing, "Said">(peer.ours, "/test", 1, with_nul), "words");
    refused(ctbus::try_emit<Writing, "Moved">(peer.ours, "/test", "no path"), "where");
    refused(ctbus::try_emit<Writing, "Said">(peer.ours, "/test", INT64_MAX, ""), "number");
    CHECK_THROWS_AS((ctbus::emit<Writing, "Said">(peer.ours, "/test", 1, bad_utf8)), ctbus::error);
    must(ctbus::try_emit<Writing, "Said">(peer.ours, "/test", 1, "good"));
    CHECK(peer.settle().only().body() == R"(1 "good")");
}

TEST_CASE_FIXTURE(writing, "S35 values that have no form on the wire name the argument") {
    refused(proxy.try_call<"Colour">(static_cast<colour>(7)), "shade");
    refused(proxy.try_call<"Fd">(ctbus::unix_fd{}), "file");
    refused(proxy.try_call<"Fd">(ctbus::unix_fd_view{-1}), "file");
    refused(proxy.try_call<"Fd">(ctbus::unix_fd_view{999'999}), "file");
#ifdef __cpp_exceptions
    std::variant<int, unmade> valueless;
    try {
        valueless.emplace<unmade>(1);
    } catch (int) {
    }
    REQUIRE(valueless.valueless_by_exception());
    refused(proxy.try_call<"Choice">(valueless), "chosen");
#endif
}

TEST_CASE("S35 a descriptor for a peer that takes none: the error names it") {
    raw_peer peer = raw_peer::without_descriptors();
    ctbus::proxy<Writing> proxy{peer.ours, "/test"};
    const auto refused = proxy.try_call<"Fd">(ctbus::unix_fd_view{0});
    REQUIRE(!refused);
    CHECK(refused.error().name() == invalid_args);
    CHECK(contains(refused.error().message(), "file"));
    struct vtable : ctbus::vtable<"org.example.Arguments",
                                  ctbus::handler<"Fd", [] { return ctbus::unix_fd_view{0}; }>> {};
    test::exported<vtable> object{peer.ours, "/test"};
    const auto got = peer.call(path, name, "Fd");
    CHECK(got.error_name() == failed);
    CHECK(contains(got.error_text(), "1"));
}

TEST_CASE_FIXTURE(writing, "S41 a null const char* is an error naming the argument") {
    const char* const none = nullptr;
    refused(proxy.try_call<"Text">(1, none), "words");
    refused(proxy.try_call<"Texts">(std::vector<const char*>{"a", none}), "words");
    refused(proxy.try_call<"Path">(none), "where");
    refused(proxy.try_call<"Type">(none), "type");
    refused(proxy.try_call<"Fire">(none), "1");
    refused(ctbus::try_emit<Writing, "Said">(peer.ours, "/test", 1, none), "words");
    refused(ctbus::try_emit<Writing, "Moved">(peer.ours, "/test", none), "where");
    char* const not_const = nullptr;
    refused(proxy.try_call<"Text">(1, not_const), "words");
    refused(proxy.try_call<"Path">(not_const), "where");
    CHECK(sent(proxy.try_call<"Text">(1, "")) == R"(1 "")");
}

TEST_CASE("S41 S35 a handler that returns what cannot be written answers one error naming it") {
    struct vtable
        : ctbus::vtable<"org.example.Arguments", ctbus::serves<service>,
                        ctbus::handler<"Null", [] { return static_cast<const char*>(nullptr); }>,
                        ctbus::handler<"Nul", [] { return with_nul; }>,
                        ctbus::handler<"Second",
                                       [](int& first, std::string& second) {
                                           first = 1;
                                           second = "\xff";
                                       }>,
                        ctbus::handler<"Enumerator", [] { return static_cast<colour>(7); }>,
                        ctbus::handler<"NullText", [](std::string_view& text) { text = {}; }>> {};
    raw_peer peer;
    service served;
    test::exported<vtable> object{peer.ours, "/test", served};
    const auto fails = [&](const char* member, const char* output) {
        const auto got = peer.call(path, name, member);
        CHECK(got.error_name() == failed); // the caller's arguments were right
        CHECK(contains(got.error_text(), output));
        CHECK(contains(got.error_text(), member));
    };
    fails("Null", "1");
    fails("Nul", "1");
    fails("Second", "2");
    fails("Enumerator", "1");
    CHECK(peer.call(path, name, "NullText").reply() == R"("")"); // an empty view is empty text
}

// ---- what a proxy takes for a parameter ----

TEST_CASE_FIXTURE(writing, "integers take any integer that fits") {
    CHECK(sent(proxy.try_call<"Int32">(5)) == "5");
    CHECK(sent(proxy.try_call<"Int32">(std::int64_t{-5})) == "-5");
    CHECK(sent(proxy.try_call<"Int32">(std::uint8_t{255})) == "255");
    CHECK(sent(proxy.try_call<"Int32">(std::uint64_t{INT32_MAX})) == "2147483647");
    CHECK(sent(proxy.try_call<"Uint32">(7)) == "7");
    CHECK(sent(proxy.try_call<"Int64">(UINT32_MAX)) == "4294967295");
    CHECK(sent(proxy.try_call<"Uint64">(std::int64_t{INT64_MAX})) == "9223372036854775807");
    CHECK(sent(proxy.try_call<"Byte">(255)) == "255");
    CHECK(sent(proxy.try_call<"Int16">(-32768L)) == "-32768");
    CHECK(sent(proxy.try_call<"Bool">(true)) == "true");
    CHECK(sent(proxy.try_call<"Size">(size::large)) == "1");

    refused(proxy.try_call<"Int32">(std::int64_t{INT32_MAX} + 1), "number");
    refused(proxy.try_call<"Int32">(std::int64_t{INT32_MIN} - 1), "number");
    refused(proxy.try_call<"Int32">(std::uint32_t{1} << 31), "number");
    refused(proxy.try_call<"Uint32">(-1), "number");
    refused(proxy.try_call<"Uint32">(std::int64_t{1} << 32), "number");
    refused(proxy.try_call<"Uint32">(std::int8_t{-1}), "number");
    refused(proxy.try_call<"Int64">(UINT64_MAX), "1");
    refused(proxy.try_call<"Uint64">(std::int64_t{-1}), "1");
    refused(proxy.try_call<"Byte">(256), "1");
    refused(proxy.try_call<"Byte">(-1), "1");
    refused(proxy.try_call<"Int16">(32768), "1");
}

TEST_CASE_FIXTURE(writing, "an enumeration that converts to its integer is checked as one") {
    enum plain { small = 7, medium = 255, large = 300, negative = -1 };
    CHECK(sent(proxy.try_call<"Byte">(small)) == "7");
    CHECK(sent(proxy.try_call<"Byte">(medium)) == "255");
    CHECK(sent(proxy.try_call<"Int32">(large)) == "300");
    CHECK(sent(proxy.try_call<"Int64">(negative)) == "-1");
    refused(proxy.try_call<"Byte">(large), "1");
    refused(proxy.try_call<"Byte">(negative), "1");
    refused(proxy.try_call<"Uint32">(negative), "number");
    refused(ctbus::try_emit<Writing, "Said">(peer.ours, "/test", UINT32_MAX, "x"), "number");
}

TEST_CASE_FIXTURE(writing, "double takes any number; a range takes a range of its signature") {
    CHECK(sent(proxy.try_call<"Double">(1)) == "1");
    CHECK(sent(proxy.try_call<"Double">(0.5F)) == "0.5");
    CHECK(sent(proxy.try_call<"Double">(UINT64_MAX)) == "1.8446744073709552e+19");
    const std::array numbers{1, 2, 3};
    CHECK(sent(proxy.try_call<"Numbers">(numbers)) == "[1 2 3]");
    CHECK(sent(proxy.try_call<"Numbers">(std::span{numbers}.first(2))) == "[1 2]");
    CHECK(sent(proxy.try_call<"Texts">(std::array<std::string_view, 2>{"a", "b"})) ==
          R"(["a" "b"])");
    CHECK(sent(proxy.try_call<"Map">(ctbus::dict<std::string_view, const char*>{{"k", "v"}})) ==
          R"([{"k": "v"}])");
    CHECK(sent(proxy.try_call<"Text">(1, "literal")) == R"(1 "literal")");
    const auto found = must(ctbus::object_path::parse("/found"));
    CHECK(sent(proxy.try_call<"Text">(1, found)) == R"(1 "/found")");
    CHECK(sent(proxy.try_call<"Text">(1, ctbus::bus_name_view{"org.example"})) ==
          R"(1 "org.example")");
    CHECK(sent(proxy.try_call<"Text">(1, ctbus::signature{"as"})) == R"(1 "as")");
    char buffer[] = "array";
    CHECK(sent(proxy.try_call<"Text">(1, buffer)) == R"(1 "array")");
    char* const pointer = buffer;
    CHECK(sent(proxy.try_call<"Text">(1, pointer)) == R"(1 "array")");
    CHECK(sent(proxy.try_call<"Choice">(5)) == "<i 5>");
    CHECK(sent(proxy.try_call<"Choice">("text")) == R"(<s "text">)");
}

// ---- replies that a proxy cannot read ----

namespace {

struct Answers
    : ctbus::interface<
          "org.example.Answers", ctbus::method<"Choice", choice()>,
          ctbus::method<"Both", std::tuple<int, colour>()>, ctbus::method<"Settings", settings()>,
          ctbus::method<"Text", std::string()>, ctbus::method<"Nothing", void()>,
          ctbus::method<"Mapped", by_result()>, ctbus::method<"Throwing", by_throwing()>,
          ctbus::method<"Other", by_other_exception()>, ctbus::property<"Throwing", by_throwing>,

          ctbus::method<"Three", std::array<int, 3>()>> {};
struct other_answers
    : ctbus::vtable<
          "org.example.Answers", ctbus::handler<"Choice", [] { return std::variant<double>{0.5}; }>,
          ctbus::handler<"Both",
                         [] {
                             return std::tuple{1, "blue"};
                         }>,
          ctbus::handler<"Settings",
                         [] {
                             return std::map<std::string, choice>{{"title", "t"}};
                         }>,
          ctbus::handler<"Text", [] { return 5; }>, ctbus::handler<"Nothing", [] { return 5; }>,
          ctbus::handler<"Mapped", [] { return -1; }>,
          ctbus::handler<"Throwing", [] { return -1; }>, ctbus::handler<"Other", [] { return -1; }>,
          ctbus::accessor<"Throwing", [] { return -1; }>, ctbus::handler<"Three", [] {
              return std::vector{1, 2};
          }>> {};

} // namespace

TEST_CASE("S38 replies that do not decode are errors, and the next call works") {
    auto [ours, theirs] = must(ctbus::connection::try_pair());
    test::exported<other_answers> object{ours, "/test"};
    test::service_thread thread{ours};
    ctbus::proxy<Answers> proxy{theirs, "/test"};
    const auto named = [](const auto& outcome, std::string_view what) {
        REQUIRE(!outcome);
        CHECK_MESSAGE(contains(outcome.error().what(), what), outcome.error().what());
    };
    named(proxy.try_call<"Choice">(), "output 1");
    named(proxy.try_call<"Choice">(), "Choice");
    named(proxy.try_call<"Both">(), "output 2");
    named(proxy.try_call<"Settings">(), "width");
    named(proxy.try_call<"Text">(), "signature"); // i, not s
    named(proxy.try_call<"Text">(), "Text");
    named(proxy.try_call<"Nothing">(), "signature");
    named(proxy.try_call<"Three">(), "output 1");
    const auto mapped = proxy.try_call<"Mapped">();
    REQUIRE(!mapped);
    CHECK(mapped.error().is<"org.example.Negative">());
    CHECK_THROWS_AS(proxy.call<"Choice">(), ctbus::error);
}

#ifdef __cpp_exceptions
TEST_CASE("S38 try_call() and try_get() return what wire<T>::from() throws") {
    auto [ours, theirs] = must(ctbus::connection::try_pair());
    test::exported<other_answers> object{ours, "/test"};
    test::service_thread thread{ours};
    ctbus::proxy<Answers> proxy{theirs, "/test"};
    const auto thrown = proxy.try_call<"Throwing">();
    REQUIRE(!thrown);
    CHECK(thrown.error().is<"org.example.Negative">());
    const auto property = proxy.try_get<"Throwing">();
    REQUIRE(!property);
    CHECK(property.error().is<"org.example.Negative">());
    const auto other = proxy.try_call<"Other">();
    REQUIRE(!other);
    CHECK(contains(other.error().what(), "below 0"));
    CHECK_THROWS_AS(proxy.call<"Throwing">(), ctbus::error);
    ctbus::message call = must(theirs.try_new_call("", "/test", "org.example.Answers", "Throwing"));
    CHECK(must(theirs.try_call(call)).try_read<by_throwing>().error().is<"org.example.Negative">());
}
#endif

#ifdef __cpp_exceptions
namespace {
struct unsendable {
    bool without_error = false;
};
struct unsendable_service {
    ctbus::error refused;
    int by_hand(const ctbus::message& call) {
        refused = call.try_reply(unsendable{}).error();
        return 1;
    }
    int take(unsendable) { return 0; }
};
} // namespace
template <>
struct ctbus::wire<unsendable> {
    using type = std::string;
    static std::string to(unsendable value) {
        if (value.without_error) throw ctbus::error{};
        throw std::runtime_error{"not to be sent"};
    }
    static unsendable from(const std::string&) { return {}; }
};
namespace {
struct unsendable_vtable : ctbus::vtable<"org.example.Unsendable",
                                         ctbus::handler<"ByHand", &unsendable_service::by_hand>,

                                         ctbus::handler<"Take", &unsendable_service::take>,
                                         ctbus::signal<"Said", void(unsendable)>> {};
} // namespace

TEST_CASE("S38 what wire<T>::to() throws is what every try_x() returns") {
    auto [ours, theirs] = must(ctbus::connection::try_pair());
    unsendable_service served;
    ctbus::object<unsendable_vtable> object{ours, "/test", served};
    ctbus::proxy<unsendable_vtable> proxy{theirs, "/test"};
    const auto named = [](const auto& outcome) {
        REQUIRE(!outcome);
        CHECK_MESSAGE(contains(outcome.error().what(), "not to be sent"), outcome.error().what());
    };
    named(proxy.try_call<"Take">(unsendable{}));
    CHECK(contains(proxy.try_call<"Take">(unsendable{}).error().what(),
                   "calling org.example.Unsendable.Take"));
    named(proxy.try_call_message<"Take">(unsendable{}));
    named(object.try_emit<"Said">(unsendable{}));
    named(object.try_emit<unsendable_vtable, "Said">(unsendable{}));
    named(ctbus::try_emit<unsendable_vtable, "Said">(ours, "/test", unsendable{}));
    named(must(ours.try_new_call("", "/test", "org.example.I", "M")).try_append(unsendable{}));
    CHECK_THROWS_AS(proxy.call<"Take">(unsendable{}), std::runtime_error);
    // `error{}` is thrown.
    CHECK_FALSE(proxy.try_call<"Take">(unsendable{true}));
    CHECK_FALSE(object.try_emit<"Said">(unsendable{true}));
    CHECK_FALSE(
        must(ours.try_new_call("", "/test", "org.example.I", "M")).try_append(unsendable{true}));

    test::service_thread thread{ours};
    CHECK(proxy.call<"ByHand">() == 1);
    CHECK(contains(served.refused.what(), "not to be sent"));
}
#endif

namespace {
// Every other element of an array: data() and size() say nothing of how they lie.
template <class T>
struct every_other {
    struct iterator {
        using iterator_category = std::forward_iterator_tag;
        using difference_type = std::ptrdiff_t;
        using value_type = T;
        using pointer = const T*;
        using reference = const T&;
        const T* at = nullptr;
        const T& operator*() const { return *at; }
        iterator& operator++() { return at += 2, *this; }
        iterator operator++(int) { return {std::exchange(at, at + 2)}; }
        bool operator==(const iterator&) const = default;
    };
    const T* first;
    std::size_t count;
    const T* data() const { return first; }
    std::size_t size() const { return count; }
    iterator begin() const { return {first}; }
    iterator end() const { return {first + 2 * count}; }
};
// Side by side, but size() counts bytes.
template <class T>
struct page {
    const T* first;
    std::size_t count;
    const T* data() const { return first; }
    std::size_t size() const { return count * sizeof(T); }
    const T* begin() const { return first; }
    const T* end() const { return first + count; }
};
} // namespace

TEST_CASE("S38 a range is what its iterators go through, whatever data() and size() say") {
    auto [ours, theirs] = must(ctbus::connection::try_pair());
    const auto sent = [&]<class T>(const auto& range, const std::vector<T>& wanted) {
        auto m = must(ours.try_new_signal("/test", "org.example.I", "M"));
        must(m.try_append(range));
        must(m.try_seal());
        CHECK(must(m.template try_read<std::vector<T>>()) == wanted);
    };
    const std::string texts[] = {"1", "2", "3", "4", "5", "6"};
    sent(every_other<std::string>{texts, 3}, std::vector<std::string>{"1", "3", "5"});
    sent(page<std::string>{texts, 3}, std::vector<std::string>{"1", "2", "3"});
    const double numbers[] = {1, 2, 3, 4, 5, 6};
    sent(every_other<double>{numbers, 3}, std::vector<double>{1, 3, 5});
    sent(page<double>{numbers, 3}, std::vector<double>{1, 2, 3});
}
