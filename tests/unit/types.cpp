// Values of every type go both ways unchanged: the type table, S33, borrowed inputs, wire<T>.
#include <ctbus/ctbus.hpp>

#include "must.hpp"
#include "raw_peer.hpp"
#include "service_thread.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <limits>
#include <list>
#include <map>
#include <memory_resource>
#include <numeric>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <systemd/sd-bus.h>
#include <tuple>
#include <unistd.h>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

using test::must;
using test::path;
using test::raw_peer;

namespace {

constexpr const char* name = "org.example.Types";

enum class small : std::uint8_t { none, one, two };
enum plain : std::int64_t { least = INT64_MIN, most = INT64_MAX };
enum class colour { red, green };

struct point {
    int x;
    int y;
    friend bool operator==(const point&, const point&) = default;
};
struct nested {
    std::string name;
    point where;
    std::vector<point> path;
    std::map<std::string, std::vector<point>> named;
    std::tuple<bool, std::pair<double, std::string>> rest;
    friend bool operator==(const nested&, const nested&) = default;
};
struct single {
    std::string only;
};
struct wide {
    int a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, bb, cc,
        dd, ee;
    std::string last;
};
struct settings {
    std::string title;
    std::optional<std::uint32_t> width;
    std::optional<std::vector<point>> points;
};
struct outer_settings {
    settings inner;
    std::vector<settings> more;
};
using choice = std::variant<int, std::string, std::vector<int>, point, std::map<std::string, int>>;

struct metres {
    double value;
    metres() = default;
    explicit metres(double v) : value{v} {}
};
struct tag { // by result
    std::string text;
    tag() = default;
    explicit tag(std::string t) : text{std::move(t)} {}
};

} // namespace

template <>
inline constexpr std::pair<colour, const char*> ctbus::enum_strings<colour>[] = {
    {colour::red, "red"}, {colour::green, "green"}};
template <>
inline constexpr bool ctbus::as_dict<settings> = true;
template <>
inline constexpr bool ctbus::as_dict<outer_settings> = true;
template <>
struct ctbus::wire<metres> {
    using type = double;
    static double to(const metres& m) { return m.value; }
    static metres from(double d) { return metres{d}; }
};
template <>
struct ctbus::wire<tag> {
    using type = std::string;
    static std::string to(const tag& t) { return "<" + t.text + ">"; }
    static ctbus::result<tag> from(std::string s) { return tag{s.substr(1, s.size() - 2)}; }
};
template <>
struct ctbus::wire<std::chrono::seconds> {
    using type = std::int64_t;
    static std::int64_t to(std::chrono::seconds s) { return s.count(); }
    static std::chrono::seconds from(std::int64_t n) { return std::chrono::seconds{n}; }
};

namespace {

template <class T>
T echo(const T& value) {
    return value;
}
template <class T>
using vector = std::vector<T>;

// One method for each type; it gives back what it got.
struct echo_vtable
    : ctbus::vtable<
          "org.example.Types", ctbus::handler<"y", &echo<std::uint8_t>>,
          ctbus::handler<"byte", &echo<std::byte>>, ctbus::handler<"b", &echo<bool>>,
          ctbus::handler<"n", &echo<std::int16_t>>, ctbus::handler<"q", &echo<std::uint16_t>>,
          ctbus::handler<"i", &echo<std::int32_t>>, ctbus::handler<"u", &echo<std::uint32_t>>,
          ctbus::handler<"x", &echo<std::int64_t>>, ctbus::handler<"t", &echo<std::uint64_t>>,
          ctbus::handler<"xx", &echo<long long>>, ctbus::handler<"tt", &echo<unsigned long long>>,
          ctbus::handler<"d", &echo<double>>, ctbus::handler<"s", &echo<std::string>>,
          ctbus::handler<"view", &echo<std::string_view>>,
          ctbus::handler<"pointer", &echo<const char*>>,
          ctbus::handler<"pmr", &echo<std::pmr::string>>,
          ctbus::handler<"o", &echo<ctbus::object_path>>,
          ctbus::handler<"o_view", &echo<ctbus::object_path_view>>,
          ctbus::handler<"g", &echo<ctbus::signature>>, ctbus::handler<"h", &echo<ctbus::unix_fd>>,
          ctbus::handler<"h_view", &echo<ctbus::unix_fd_view>>,
          ctbus::handler<"small", &echo<small>>, ctbus::handler<"plain", &echo<plain>>,
          ctbus::handler<"colour", &echo<colour>>, ctbus::handler<"metres", &echo<metres>>,
          ctbus::handler<"tag", &echo<tag>>,
          ctbus::handler<"seconds", &echo<std::chrono::seconds>>> {};

struct array_vtable
    : ctbus::vtable<"org.example.Types", ctbus::handler<"ay", &echo<vector<std::uint8_t>>>,
                    ctbus::handler<"bytes", &echo<vector<std::byte>>>,
                    ctbus::handler<"ab", &echo<vector<bool>>>,
                    ctbus::handler<"an", &echo<vector<short>>>,
                    ctbus::handler<"ai", &echo<vector<int>>>,
                    ctbus::handler<"at", &echo<vector<std::uint64_t>>>,
                    ctbus::handler<"ad", &echo<vector<double>>>,
                    ctbus::handler<"as", &echo<vector<std::string>>>,
                    ctbus::handler<"as_view", &echo<vector<std::string_view>>>,
                    ctbus::handler<"ao", &echo<vector<ctbus::object_path>>>,
                    ctbus::handler<"ag", &echo<vector<ctbus::signature>>>,
                    ctbus::handler<"span", &echo<std::span<const int>>>,
                    ctbus::handler<"byte_span", &echo<std::span<const std::byte>>>,
                    ctbus::handler<"array", &echo<std::array<int, 3>>>,
                    ctbus::handler<"string_array", &echo<std::array<std::string, 2>>>,
                    ctbus::handler<"list", &echo<std::list<int>>>,
                    ctbus::handler<"deque", &echo<std::deque<std::string>>>,
                    ctbus::handler<"set", &echo<std::set<int>>>,
                    ctbus::handler<"smalls", &echo<vector<small>>>,
                    ctbus::handler<"colours", &echo<vector<colour>>>,
                    ctbus::handler<"metres", &echo<vector<metres>>>,
                    ctbus::handler<"aai", &echo<vector<vector<int>>>>,
                    ctbus::handler<"aas", &echo<vector<vector<std::string>>>>,
                    ctbus::handler<"a_ii", &echo<vector<point>>>,
                    ctbus::handler<"ad_array", &echo<vector<std::array<double, 2>>>>> {};

struct compound_vtable
    : ctbus::vtable<"org.example.Types", ctbus::handler<"point", &echo<point>>,
                    ctbus::handler<"nested", &echo<nested>>,
                    ctbus::handler<"single", &echo<single>>, ctbus::handler<"wide", &echo<wide>>,
                    ctbus::handler<"map", &echo<std::map<std::string, int>>>,
                    ctbus::handler<"hash", &echo<std::unordered_map<int, std::string>>>,
                    ctbus::handler<"multimap", &echo<std::multimap<std::string, int>>>,
                    ctbus::handler<"dict", &echo<ctbus::dict<std::string, int>>>,
                    ctbus::handler<"variants", &echo<std::map<std::string, choice>>>,
                    ctbus::handler<"choice", &echo<choice>>,
                    ctbus::handler<"choices", &echo<vector<choice>>>,
                    ctbus::handler<"colours", &echo<std::map<colour, small>>>,
                    ctbus::handler<"settings", &echo<settings>>,
                    ctbus::handler<"outer", &echo<outer_settings>>> {};

template <class Vtable>
struct fixture {
    raw_peer peer;
    test::exported<Vtable> object{peer.ours, "/test"};

    // What method `member` gives back for `args`; the reply has the call's signature.
    template <class... Args>
    std::string echoed(const char* member, const char* types, Args... args) {
        const auto got = peer.call(path, name, member, types, args...);
        CAPTURE(member);
        const std::string text{got.only().error_text()}; // a REQUIRE inside CAPTURE would hang
        CAPTURE(text);
        CHECK(got.only().signature() == types);
        return got.reply();
    }
};
using basics = fixture<echo_vtable>;
using arrays = fixture<array_vtable>;
using compounds = fixture<compound_vtable>;

/// A pipe, whose ends are closed with it.
struct pipe_pair {
    ctbus::unix_fd read, write;
    pipe_pair() {
        int fds[2];
        REQUIRE(::pipe2(fds, O_CLOEXEC) == 0);
        read = ctbus::unix_fd{fds[0]};
        write = ctbus::unix_fd{fds[1]};
    }
};

struct looker {
    const void* seen = nullptr;
    const void* in_message = nullptr;
    std::size_t size = 0;
    int fd = -1;
    bool closes_on_exec = false;
    ctbus::unix_fd kept;

    void look_span(std::span<const double> values, const ctbus::message& m) {
        seen = values.data();
        size = values.size();
        sd_bus_message_rewind(m.get(), 1);
        std::size_t bytes = 0;
        sd_bus_message_read_array(m.get(), 'd', &in_message, &bytes);
    }
    void look_view(std::string_view text, const ctbus::message& m) {
        seen = text.data();
        size = text.size();
        sd_bus_message_rewind(m.get(), 1);
        const char* raw = nullptr;
        sd_bus_message_read_basic(m.get(), 's', &raw);
        in_message = raw;
    }
    void look_pointer(const char* text, const ctbus::message& m) { look_view(text, m); }
    void look_path(ctbus::object_path_view p, const ctbus::message& m) {
        seen = p.data();
        sd_bus_message_rewind(m.get(), 1);
        const char* raw = nullptr;
        sd_bus_message_read_basic(m.get(), 'o', &raw);
        in_message = raw;
    }
    std::int64_t sum(std::span<const std::int64_t> values) {
        size = values.size();
        return std::accumulate(values.begin(), values.end(), std::int64_t{0});
    }
    std::size_t count(std::span<const std::byte> values) { return size = values.size(); }
    void take_fd(ctbus::unix_fd owned) {
        closes_on_exec = (::fcntl(owned.get(), F_GETFD) & FD_CLOEXEC) != 0;
        kept = std::move(owned);
    }
    void look_fd(ctbus::unix_fd_view borrowed) { fd = borrowed.get(); }
};
struct looker_vtable
    : ctbus::vtable<"org.example.Types", ctbus::handler<"Span", &looker::look_span>,
                    ctbus::handler<"View", &looker::look_view>,
                    ctbus::handler<"Pointer", &looker::look_pointer>,
                    ctbus::handler<"Path", &looker::look_path>, ctbus::handler<"Sum", &looker::sum>,
                    ctbus::handler<"Count", &looker::count>,
                    ctbus::handler<"TakeFd", &looker::take_fd>,
                    ctbus::handler<"LookFd", &looker::look_fd>> {};

struct borrowing {
    raw_peer peer;
    looker served;
    test::exported<looker_vtable> object{peer.ours, "/test", served};
};

} // namespace

TEST_CASE_FIXTURE(basics, "numbers go both ways, at their limits") {
    for (int n : {0, 1, 255}) {
        CHECK(echoed("y", "y", n) == std::to_string(n));
        CHECK(echoed("byte", "y", n) == std::to_string(n));
        CHECK(echoed("small", "y", n) == std::to_string(n)); // also where it is no enumerator
    }
    CHECK(echoed("b", "b", 1) == "true");
    CHECK(echoed("b", "b", 0) == "false");
    for (int n : {-32768, -1, 0, 32767}) CHECK(echoed("n", "n", n) == std::to_string(n));
    for (int n : {0, 65535}) CHECK(echoed("q", "q", n) == std::to_string(n));
    for (int n : {INT32_MIN, -1, 0, INT32_MAX}) CHECK(echoed("i", "i", n) == std::to_string(n));
    for (unsigned n : {0u, UINT32_MAX}) CHECK(echoed("u", "u", n) == std::to_string(n));
    for (std::int64_t n : {INT64_MIN, std::int64_t{-1}, INT64_MAX}) {
        CHECK(echoed("x", "x", n) == std::to_string(n));
        CHECK(echoed("xx", "x", n) == std::to_string(n));
        CHECK(echoed("plain", "x", n) == std::to_string(n));
        CHECK(echoed("seconds", "x", n) == std::to_string(n));
    }
    for (std::uint64_t n : {std::uint64_t{0}, UINT64_MAX}) {
        CHECK(echoed("t", "t", n) == std::to_string(n));
        CHECK(echoed("tt", "t", n) == std::to_string(n));
    }
    using limits = std::numeric_limits<double>;
    CHECK(echoed("d", "d", 0.1) == "0.10000000000000001");
    CHECK(echoed("d", "d", -0.0) == "-0");
    CHECK(echoed("d", "d", limits::max()) == "1.7976931348623157e+308");
    CHECK(echoed("d", "d", limits::denorm_min()) == "4.9406564584124654e-324");
    CHECK(echoed("d", "d", limits::infinity()) == "inf");
    CHECK(echoed("d", "d", limits::quiet_NaN()) == "nan");
    CHECK(echoed("metres", "d", 2.5) == "2.5");
}

TEST_CASE_FIXTURE(basics, "text goes both ways") {
    const std::string long_text(100'000, 'x');
    for (const std::string& text :
         {std::string{}, std::string{"a"}, std::string{"exactly8"},
          std::string{"\xC3\xA4\xF0\x9F\x98\x80"}, std::string{"\n\t\x7f"}, long_text})
        for (const char* member : {"s", "view", "pointer", "pmr"})
            CHECK(echoed(member, "s", text.c_str()) == '"' + text + '"');
    for (const char* p : {"/", "/a", "/org/example/_9"}) {
        CHECK(echoed("o", "o", p) == '"' + std::string{p} + '"');
        CHECK(echoed("o_view", "o", p) == '"' + std::string{p} + '"');
    }
    for (const char* s : {"", "i", "a{sv}(iai)", "aaaai"})
        CHECK(echoed("g", "g", s) == '"' + std::string{s} + '"');
    CHECK(echoed("colour", "s", "green") == R"("green")");
    CHECK(echoed("tag", "s", "<x>") == R"("<x>")");
}

TEST_CASE_FIXTURE(basics, "descriptors go both ways") {
    for (const char* member : {"h", "h_view"}) {
        CAPTURE(member);
        pipe_pair pipe;
        const auto got = peer.call(path, name, member, "h", pipe.write.get());
        REQUIRE(got.only().signature() == "h");
        int back = -1;
        REQUIRE(sd_bus_message_read_basic(got.only().get(), 'h', &back) > 0);
        CHECK(back != pipe.write.get());
        CHECK(::write(back, "x", 1) == 1);
        char c = 0;
        CHECK(::read(pipe.read.get(), &c, 1) == 1);
        CHECK(c == 'x');
    }
}

TEST_CASE_FIXTURE(arrays, "arrays go both ways") {
    CHECK(echoed("ay", "ay", 3, 1, 2, 255) == "[1 2 255]");
    CHECK(echoed("bytes", "ay", 2, 0, 255) == "[0 255]");
    CHECK(echoed("ab", "ab", 3, 1, 0, 1) == "[true false true]");
    CHECK(echoed("an", "an", 2, -1, 32767) == "[-1 32767]");
    CHECK(echoed("at", "at", 1, UINT64_MAX) == "[18446744073709551615]");
    CHECK(echoed("ad", "ad", 2, 0.5, -1e300) == "[0.5 -1.0000000000000001e+300]");
    for (const char* member : {"ai", "span", "array", "list", "set"})
        CHECK(echoed(member, "ai", 3, -1, 2, 3) == "[-1 2 3]");
    CHECK(echoed("set", "ai", 4, 3, 1, 2, 1) == "[1 2 3]"); // a set is a set
    for (const char* member : {"as", "as_view", "string_array", "deque"})
        CHECK(echoed(member, "as", 2, "a", "") == R"(["a" ""])");
    CHECK(echoed("ao", "ao", 2, "/", "/a") == R"(["/" "/a"])");
    CHECK(echoed("ag", "ag", 2, "", "ai") == R"(["" "ai"])");
    CHECK(echoed("byte_span", "ay", 2, 7, 8) == "[7 8]");
    CHECK(echoed("smalls", "ay", 2, 2, 1) == "[2 1]");
    CHECK(echoed("colours", "as", 2, "red", "green") == R"(["red" "green"])");
    CHECK(echoed("metres", "ad", 2, 1.0, 2.0) == "[1 2]");
    CHECK(echoed("aai", "aai", 3, 2, 1, 2, 0, 1, 3) == "[[1 2] [] [3]]");
    CHECK(echoed("aas", "aas", 2, 0, 1, "x") == R"([[] ["x"]])");
    CHECK(echoed("a_ii", "a(ii)", 2, 1, 2, 3, 4) == "[(1 2) (3 4)]");
    CHECK(echoed("ad_array", "aad", 2, 2, 1.0, 2.0, 2, 3.0, 4.0) == "[[1 2] [3 4]]");
}

TEST_CASE_FIXTURE(arrays, "S33 empty arrays of every element") {
    for (const auto& [member, types] :
         {std::pair{"ay", "ay"}, {"bytes", "ay"},   {"ab", "ab"},       {"an", "an"},
          {"ai", "ai"},          {"at", "at"},      {"ad", "ad"},       {"as", "as"},
          {"as_view", "as"},     {"ao", "ao"},      {"ag", "ag"},       {"span", "ai"},
          {"byte_span", "ay"},   {"list", "ai"},    {"deque", "as"},    {"set", "ai"},
          {"smalls", "ay"},      {"colours", "as"}, {"metres", "ad"},   {"aai", "aai"},
          {"aas", "aas"},        {"a_ii", "a(ii)"}, {"ad_array", "aad"}})
        CHECK(echoed(member, types, 0) == "[]");
}

TEST_CASE_FIXTURE(arrays, "S33 a mebibyte of numbers goes both ways") {
    constexpr std::size_t size = 1 << 20;
    std::vector<unsigned char> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(i * 31);
    const auto check = [&](const char* member, char type) {
        CAPTURE(member);
        const auto call = peer.make_call(path, name, member);
        REQUIRE(sd_bus_message_append_array(call.get(), type, bytes.data(), size) >= 0);
        const auto got = peer.exchange(call);
        REQUIRE(got.only().type() == "reply");
        const void* back = nullptr;
        std::size_t back_size = 0;
        REQUIRE(sd_bus_message_read_array(got.only().get(), type, &back, &back_size) > 0);
        REQUIRE(back_size == size);
        CHECK(std::memcmp(back, bytes.data(), size) == 0);
    };
    check("ay", 'y');
    check("bytes", 'y');
    check("byte_span", 'y');
    check("an", 'n');
    check("ai", 'i');
    check("span", 'i');
    check("at", 't');
    check("ad", 'd');
    check("list", 'i');
}

TEST_CASE("S33 a mebibyte of numbers through a proxy, from a container or a span") {
    auto [ours, theirs] = must(ctbus::connection::try_pair());
    test::exported<array_vtable> object{ours, "/test"};
    test::service_thread thread{ours};
    ctbus::proxy<array_vtable> proxy{theirs, "/test"};

    std::vector<double> numbers(1 << 17);
    std::iota(numbers.begin(), numbers.end(), 0.5);
    CHECK((must(proxy.try_call<"ad">(numbers)) == numbers));
    CHECK((must(proxy.try_call<"ad">(std::span{numbers})) == numbers));
    CHECK((must(proxy.try_call<"ad">(std::deque<double>(numbers.begin(), numbers.end()))) ==
           numbers));
    CHECK(must(proxy.try_call<"ad">(std::span<const double>{})).empty());
    CHECK(must(proxy.try_call<"ad">(std::vector<double>{})).empty());
    const std::vector<std::byte> bytes(1 << 20, std::byte{7});
    CHECK((must(proxy.try_call<"bytes">(bytes)) == bytes));
    CHECK((must(proxy.try_call<"byte_span">(bytes)) == bytes)); // comes back as a vector
}

TEST_CASE_FIXTURE(borrowing, "S33 borrowed inputs point into the message") {
    const auto points_there = [&] {
        REQUIRE(served.in_message != nullptr);
        CHECK(served.seen == served.in_message);
    };
    CHECK(peer.call(path, name, "Span", "ad", 3, 1.0, 2.0, 3.0).reply() == "");
    CHECK(served.size == 3);
    points_there();
    CHECK(peer.call(path, name, "View", "s", "text").reply() == "");
    CHECK(served.size == 4);
    points_there();
    CHECK(peer.call(path, name, "Pointer", "s", "text").reply() == "");
    points_there();
    CHECK(peer.call(path, name, "Path", "o", "/a").reply() == "");
    points_there();
    CHECK(peer.call(path, name, "Sum", "ax", 2, INT64_C(5), INT64_C(-7)).reply() == "-2");
    CHECK(peer.call(path, name, "Sum", "ax", 0).reply() == "0");
    CHECK(served.size == 0);
    CHECK(peer.call(path, name, "Count", "ay", 0).reply() == "0");
}

TEST_CASE_FIXTURE(borrowing, "a descriptor that is read is duplicated, with CLOEXEC, or borrowed") {
    pipe_pair pipe;
    peer.call(path, name, "TakeFd", "h", pipe.write.get());
    CHECK(served.closes_on_exec);
    REQUIRE(served.kept);
    CHECK(::write(served.kept.get(), "x", 1) == 1); // it outlives the call
    peer.call(path, name, "LookFd", "h", pipe.write.get());
    CHECK(served.fd >= 0);
    CHECK(::fcntl(served.fd, F_GETFD) < 0); // it went with the message
    // All copies are closed: the pipe ends.
    served.kept = {};
    pipe.write = {};
    char c = 0;
    CHECK(::read(pipe.read.get(), &c, 1) == 1);
    CHECK(::read(pipe.read.get(), &c, 1) == 0);
}

TEST_CASE_FIXTURE(compounds, "structs, dictionaries and variants go both ways") {
    CHECK(echoed("point", "(ii)", 1, 2) == "(1 2)");
    CHECK(echoed("single", "(s)", "x") == R"(("x"))");
    CHECK(echoed("nested", "(s(ii)a(ii)a{sa(ii)}(b(ds)))", "n", 1, 2, 1, 3, 4, 1, "k", 2, 5, 6, 7,
                 8, 1, 2.5,
                 "end") == R"(("n" (1 2) [(3 4)] [{"k": [(5 6) (7 8)]}] (true (2.5 "end"))))");
    CHECK(echoed("nested", "(s(ii)a(ii)a{sa(ii)}(b(ds)))", "", 0, 0, 0, 0, 0, 0.0, "") ==
          R"(("" (0 0) [] [] (false (0 ""))))");
    CHECK(echoed("wide", "(iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiis)", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
                 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
                 "32") ==
          "(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 "
          "28 29 30 31 \"32\")");

    CHECK(echoed("map", "a{si}", 2, "b", 2, "a", 1) == R"([{"a": 1} {"b": 2}])");
    CHECK(echoed("map", "a{si}", 0) == "[]");
    CHECK(echoed("map", "a{si}", 2, "a", 1, "a", 2) == R"([{"a": 2}])"); // the last one wins
    CHECK(echoed("hash", "a{is}", 1, 1, "x") == R"([{1: "x"}])");
    CHECK(echoed("dict", "a{si}", 3, "b", 2, "a", 1, "b", 3) == R"([{"b": 2} {"a": 1} {"b": 3}])");
    CHECK(echoed("multimap", "a{si}", 2, "a", 1, "a", 2) == R"([{"a": 1} {"a": 2}])");
    CHECK(echoed("colours", "a{sy}", 2, "red", 1, "green", 2) == R"([{"red": 1} {"green": 2}])");

    CHECK(echoed("choice", "v", "i", 5) == "<i 5>");
    CHECK(echoed("choice", "v", "s", "x") == R"(<s "x">)");
    CHECK(echoed("choice", "v", "ai", 2, 1, 2) == "<ai [1 2]>");
    CHECK(echoed("choice", "v", "(ii)", 1, 2) == "<(ii) (1 2)>");
    CHECK(echoed("choice", "v", "a{si}", 1, "k", 1) == R"(<a{si} [{"k": 1}]>)");
    CHECK(echoed("choices", "av", 3, "i", 1, "s", "two", "ai", 0) ==
          R"([<i 1> <s "two"> <ai []>])");
    CHECK(echoed("choices", "av", 0) == "[]");
    CHECK(echoed("variants", "a{sv}", 2, "a", "i", 1, "b", "s", "x") ==
          R"([{"a": <i 1>} {"b": <s "x">}])");
}

TEST_CASE_FIXTURE(compounds, "as_dict structs go both ways") {
    CHECK(echoed("settings", "a{sv}", 1, "title", "s", "t") == R"([{"title": <s "t">}])");
    CHECK(echoed("settings", "a{sv}", 3, "points", "a(ii)", 1, 1, 2, "width", "u", 7, "title", "s",
                 "t") == R"([{"title": <s "t">} {"width": <u 7>} {"points": <a(ii) [(1 2)]>}])");
    CHECK(echoed("outer", "a{sv}", 2, "inner", "a{sv}", 1, "title", "s", "a", "more", "aa{sv}", 1,
                 1, "title", "s", "b") ==
          R"([{"inner": <a{sv} [{"title": <s "a">}]>} {"more": <aa{sv} [[{"title": <s "b">}]]>}])");
}

TEST_CASE("values go through a proxy unchanged") {
    auto [ours, theirs] = must(ctbus::connection::try_pair());
    test::exported<compound_vtable> object{ours, "/c"};
    test::exported<echo_vtable> basics_object{ours, "/e"};
    test::service_thread thread{ours};
    ctbus::proxy<compound_vtable> compounds_there{theirs, "/c"};
    ctbus::proxy<echo_vtable> basics_there{theirs, "/e"};

    const nested value{
        "n", {1, 2}, {{3, 4}, {5, 6}}, {{"k", {{7, 8}}}, {"", {}}}, {true, {0.5, "z"}}};
    CHECK((must(compounds_there.try_call<"nested">(value)) == value));
    for (const choice& c : {choice{1}, choice{"x"}, choice{std::vector{1, 2}}, choice{point{1, 2}},
                            choice{std::map<std::string, int>{{"k", 1}}}})
        CHECK((must(compounds_there.try_call<"choice">(c)) == c));
    const auto back = must(compounds_there.try_call<"settings">(settings{"t", {}, {{{1, 2}}}}));
    CHECK(back.title == "t");
    CHECK(!back.width);
    CHECK((back.points.value() == std::vector<point>{{1, 2}}));

    CHECK(must(basics_there.try_call<"colour">(colour::green)) == colour::green);
    CHECK(must(basics_there.try_call<"metres">(metres{2.5})).value == 2.5);
    CHECK(must(basics_there.try_call<"tag">(tag{"t"})).text == "t");
    CHECK((must(basics_there.try_call<"seconds">(std::chrono::seconds{9})) ==
           std::chrono::seconds{9}));
    // Borrowed outputs come back as their owning counterparts.
    static_assert(std::is_same_v<decltype(must(basics_there.try_call<"view">(""))), std::string>);
    static_assert(
        std::is_same_v<decltype(must(basics_there.try_call<"pointer">(""))), std::string>);
    static_assert(
        std::is_same_v<decltype(must(basics_there.try_call<"o_view">("/"))), ctbus::object_path>);
    CHECK(must(basics_there.try_call<"view">("text")) == "text");
    CHECK(must(basics_there.try_call<"pointer">(std::string{"text"})) == "text");
    CHECK(must(basics_there.try_call<"o_view">("/a")) == "/a");
    pipe_pair pipe;
    const ctbus::unix_fd fd = must(basics_there.try_call<"h_view">(pipe.write));
    CHECK(::write(fd.get(), "x", 1) == 1);
}

// ---- containers of others ----

namespace {

/// All that a container needs to be read: clear() and push_back().
template <class T>
class small_list {
public:
    void clear() { size_ = 0; }
    void push_back(T value) { values_[size_++] = std::move(value); }
    const T* begin() const { return values_; }
    const T* end() const { return values_ + size_; }

private:
    T values_[8]{};
    std::size_t size_ = 0;
};

struct small_lists
    : ctbus::vtable<
          "org.example.Small",
          ctbus::handler<"Numbers", [](const small_list<int>& list) { return list; }>,
          ctbus::handler<"Texts", [](const small_list<std::string>& list) { return list; }>,
          ctbus::handler<"Lists",
                         [](const small_list<small_list<double>>& list) { return list; }>> {};

} // namespace

TEST_CASE("a container with clear() and push_back() goes both ways") {
    raw_peer peer;
    test::exported<small_lists> object{peer.ours, "/test"};
    const auto call = [&](const char* member, const char* types, auto... args) {
        return peer.call(path, "org.example.Small", member, types, args...).reply();
    };
    CHECK(call("Numbers", "ai", 3, 1, 2, 3) == "[1 2 3]");
    CHECK(call("Numbers", "ai", 0) == "[]");
    CHECK(call("Texts", "as", 2, "a", "b") == R"(["a" "b"])");
    CHECK(call("Lists", "aad", 2, 1, 0.5, 0) == "[[0.5] []]");
}
