// Arrays that are written at once have the very bytes that plain calls give, and the same errors.
#include <ctbus/ctbus.hpp>

#include "must.hpp"
#include "raw_peer.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits>
#include <list>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

using test::contains;
using test::must;

namespace {

enum class level : std::uint8_t { low, high };
enum class colour { red, green, blue };

struct item {
    std::string name;
    std::uint32_t number;
    double weight;
};
struct mixed {
    std::uint8_t small;
    std::vector<std::string> words;
    std::map<std::string, std::variant<bool, std::string, std::int64_t>> named;
    item one;
    std::vector<item> more;
    level how;
};
struct settings {
    std::string title;
    std::optional<std::uint8_t> width;
    std::optional<std::vector<item>> items;
    std::uint64_t last;
};
struct optional_only {
    std::optional<std::string> a;
    std::optional<int> b;
    std::optional<std::vector<std::string>> c;
};
struct holds_settings {
    settings inner;
    std::vector<settings> more;
    std::string end;
};
struct tag { // travels as a string
    std::string text;
};
struct instant { // travels as a number
    std::int64_t ticks;
};
struct pair_of_tags { // travels as a struct
    tag a, b;
};
template <class T>
struct other_range { // has other elements each time
    const std::vector<T>* turns[2];
    mutable int turn = 0;
    mutable typename std::vector<T>::const_iterator last{};
    auto begin() const { return last = turns[turn % 2]->end(), turns[turn++ % 2]->begin(); }
    auto end() const { return last; }
};
struct wrong_size { // has not as many elements as it says
    std::list<int> elements;
    std::size_t told;
    auto begin() const { return elements.begin(); }
    auto end() const { return elements.end(); }
    std::size_t size() const { return told; }
};
struct restless { // is the second text from some turn on
    int change;
    const char* texts[2];
    mutable int turn = 0;
};

// Calls of sd-bus that write; they pass through here.
int calls = 0;
enum class layout { known, foreign, foreign_behind, foreign_numbers } libsystemd = layout::known;
char elsewhere[4096];

} // namespace

template <>
inline constexpr std::pair<colour, const char*> ctbus::enum_strings<colour>[] = {
    {colour::red, "red"}, {colour::green, ""}};
template <>
inline constexpr bool ctbus::as_dict<settings> = true;
template <>
inline constexpr bool ctbus::as_dict<optional_only> = true;
template <>
inline constexpr bool ctbus::as_dict<holds_settings> = true;
template <>
struct ctbus::wire<tag> {
    using type = std::string;
    static std::string to(const tag& t) { return "<" + t.text + ">"; }
    static tag from(const std::string& s) { return {s}; }
};
template <>
struct ctbus::wire<instant> {
    using type = std::int64_t;
    static type to(instant i) { return i.ticks; }
    static instant from(type ticks) { return {ticks}; }
};
template <>
struct ctbus::wire<pair_of_tags> {
    using type = std::tuple<tag, std::string>;
    static type to(const pair_of_tags& t) { return {t.a, t.b.text}; }
    static pair_of_tags from(const type& t) { return {std::get<0>(t), {std::get<1>(t)}}; }
};
template <>
struct ctbus::wire<restless> {
    using type = const char*;
    static type to(const restless& r) { return r.texts[r.turn++ >= r.change]; }
    static restless from(type t) { return {1, {t, t}}; }
};

// sd-bus's functions, in the way of those of the library.
template <class Function>
static Function* real(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}
extern "C" int sd_bus_message_append_basic(sd_bus_message* m, char type, const void* value) {
    static const auto next = real<decltype(sd_bus_message_append_basic)>(__func__);
    return ++calls, next(m, type, value);
}
extern "C" int sd_bus_message_open_container(sd_bus_message* m, char type, const char* contents) {
    static const auto next = real<decltype(sd_bus_message_open_container)>(__func__);
    return ++calls, next(m, type, contents);
}
extern "C" int sd_bus_message_append_string_space(sd_bus_message* m, size_t size, char** space) {
    static const auto next = real<decltype(sd_bus_message_append_string_space)>(__func__);
    const int r = (++calls, next(m, size, space));
    const bool foreign = libsystemd == layout::foreign || libsystemd == layout::foreign_behind;
    if (foreign && size < sizeof elsewhere - 8) {
        // What is written there, or there and before it, is lost.
        std::memset(*space, 'x', size);
        *space = elsewhere + 8;
        const auto length = static_cast<std::uint32_t>(libsystemd == layout::foreign ? 0 : size);
        std::memcpy(*space - 4, &length, sizeof length);
    }
    return r;
}
extern "C" int sd_bus_message_append_array_space(sd_bus_message* m, char type, std::size_t size,
                                                 void** space) {
    static const auto next = real<decltype(sd_bus_message_append_array_space)>(__func__);
    const int r = (++calls, next(m, type, size, space));
    if (libsystemd == layout::foreign_numbers && size < sizeof elsewhere - 8) {
        std::memset(*space, 0, size);
        *space = elsewhere + 8;
    }
    return r;
}

namespace {

/// As written by plain calls, as long as it lives.
struct by_plain_calls {
    by_plain_calls() { ctbus::codec::detail::spans_work = 0; }
    ~by_plain_calls() { ctbus::codec::detail::spans_work = 1; }
};

struct fixture {
    test::raw_peer peer;

    ctbus::message new_message() {
        return must(peer.ours.try_new_signal("/test", "org.ctbus.Spans", "Told"));
    }

    /// The body of a message as it travels.
    std::string bytes_of(const ctbus::message& m) {
        const std::string signature{m.signature()};
        REQUIRE(sd_bus_send(peer.ours.get(), m.get(), nullptr) >= 0);
        std::string all;
        std::uint32_t body = 0, fields = 0;
        for (std::size_t size = 16; all.size() < size;) {
            char part[65536];
            const auto n = ::recv(sd_bus_get_fd(peer.client()), part,
                                  std::min(sizeof part, size - all.size()), MSG_DONTWAIT);
            if (n > 0) all.append(part, static_cast<std::size_t>(n));
            else must(peer.ours.try_process()); // the socket was full
            if (all.size() < 16) continue;
            std::memcpy(&body, all.data() + 4, 4);
            std::memcpy(&fields, all.data() + 12, 4);
            size = (16 + fields + 7) / 8 * 8 + body;
        }
        return signature + " " + all.substr(all.size() - body);
    }
};

/// Random values of any type.
class any_value {
public:
    explicit any_value(unsigned seed) : random_{seed} {}

    std::size_t below(std::size_t n) {
        return std::uniform_int_distribution<std::size_t>{0, n - 1}(random_);
    }

    std::string text() {
        static constexpr const char* others[] = {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
                                                 "x"};
        const std::size_t size = below(20) == 0 ? below(400) : below(24);
        const bool ascii = below(3) != 0;
        std::string made;
        while (made.size() < size)
            if (ascii || below(4) != 0) made += static_cast<char>(1 + below(127));
            else made += others[below(4)];
        return made;
    }

    template <class T>
    T make() {
        constexpr auto kind = ctbus::codec::kind_of<T>();
        using k = ctbus::codec::kind;
        if constexpr (std::is_same_v<T, tag>) return {text()};
        else if constexpr (std::is_same_v<T, pair_of_tags>) return {{text()}, {text()}};
        else if constexpr (std::is_same_v<T, instant>) return {make<std::int64_t>()};
        else if constexpr (std::is_same_v<T, double>) return static_cast<double>(random_()) / 7;
        else if constexpr (kind == k::number) return static_cast<T>(random_() * 0x100000001u);
        else if constexpr (kind == k::boolean) return below(2) != 0;
        else if constexpr (kind == k::string) return text();
        else if constexpr (kind == k::string_view) return kept_.emplace_back(text()).c_str();
        else if constexpr (kind == k::path) {
            ctbus::object_path path = must(ctbus::object_path::parse("/"));
            for (std::size_t n = below(4); n != 0; --n) path = path.child_escaped(text());
            return path;
        } else if constexpr (kind == k::signature) {
            static constexpr const char* some[] = {"", "s", "a{sv}", "(iiasx)", "aaaay"};
            return must(ctbus::signature::parse(some[below(5)]));
        } else if constexpr (std::is_same_v<T, level>) return static_cast<T>(below(256));
        else if constexpr (kind == k::named_enumeration) return static_cast<T>(below(2));
        else if constexpr (kind == k::any_variant) {
            switch (below(9)) {
            case 0: return held(make<std::string>());
            case 1: return held(make<std::uint8_t>());
            case 2: return held(make<double>());
            case 3: return held(make<item>());
            case 4: return held(make<std::vector<item>>());
            case 5: return held(make<std::vector<std::int64_t>>());
            case 6:
                return held(
                    make<std::map<std::string, std::variant<std::uint64_t, std::string>>>());
            case 7: return held(make<std::vector<std::string>>());
            default: return held(make<std::vector<std::variant<std::int16_t, item>>>());
            }
        } else if constexpr (kind == k::closed_variant) {
            return [this]<std::size_t... I>(std::index_sequence<I...>) {
                T made;
                const std::size_t which = below(sizeof...(I));
                static_cast<void>(
                    ((which == I &&
                      (made.template emplace<I>(make<std::variant_alternative_t<I, T>>()), true)) ||
                     ...));
                return made;
            }
            (std::make_index_sequence<std::variant_size_v<T>>{});
        } else if constexpr (ctbus::codec::optional_like<T>) {
            return below(2) != 0 ? T{make<typename T::value_type>()} : T{};
        } else if constexpr (kind == k::map) {
            T made;
            for (std::size_t n = count(); n != 0; --n)
                made.insert(made.end(),
                            {make<typename T::key_type>(), make<typename T::mapped_type>()});
            return made;
        } else if constexpr (kind == k::array) {
            using element = ctbus::codec::element_t<T>;
            if constexpr (requires(T & made) { made.insert(made.end(), make<element>()); }) {
                T made;
                for (std::size_t n = count(); n != 0; --n) made.insert(made.end(), make<element>());
                return made;
            } else if constexpr (ctbus::codec::tuple_like<T>) {
                T made;
                for (element& one : made) one = make<element>();
                return made;
            } else {
                static std::deque<std::vector<element>> kept;
                return T{kept.emplace_back(make<std::vector<element>>())};
            }
        } else {
            T made{};
            ctbus::codec::visit_fields(made, [this](auto&... fields) {
                static_cast<void>(
                    ((fields = this->make<std::remove_cvref_t<decltype(fields)>>(), true) && ...));
            });
            return made;
        }
    }

private:
    std::size_t count() { return below(12) == 0 ? 30 : below(5); }
    template <class T>
    static ctbus::variant held(const T& value) {
        return must(ctbus::variant::try_make(value));
    }

    std::mt19937 random_;
    std::deque<std::string> kept_; // what views are of
};

template <class... Fs>
using structs = std::vector<std::tuple<Fs...>>;
using text = std::string;
using choice = std::variant<std::uint8_t, bool, std::string, double, item, std::vector<std::string>,
                            std::map<std::string, std::uint64_t>, ctbus::object_path>;
using u8 = std::uint8_t;
using u16 = std::uint16_t;
using i64 = std::int64_t;

} // namespace

// clang-format off
#define EVERY_TYPE \
    std::vector<text>, std::list<text>, std::deque<text>, std::set<text>, std::array<text, 3>, \
    std::span<const text>, std::vector<std::string_view>, std::vector<const char*>, \
    std::vector<colour>, std::vector<tag>, std::vector<pair_of_tags>, std::multiset<text>, \
    structs<text>, structs<text, std::uint32_t, double>, structs<u8, text>, structs<text, u8>, \
    structs<u8, u16, text, i64, text>, structs<double, text, bool>, structs<text, text, text>, \
    structs<std::vector<text>, text>, structs<std::vector<std::int16_t>, text, std::vector<i64>>, \
    structs<std::map<text, text>, text>, structs<choice, text, choice>, structs<tag, u8>, \
    structs<std::tuple<text, u8>, u8>, structs<u8, std::tuple<u8, std::tuple<u8, text>>, text>, \
    structs<ctbus::object_path, ctbus::signature, text, ctbus::object_path>, structs<u8, colour>, \
    structs<text, std::vector<std::tuple<u8, u8>>>, structs<text, ctbus::variant>, \
    structs<text, std::vector<std::vector<std::vector<i64>>>>, structs<level, text, level>, \
    std::list<std::pair<text, std::vector<std::pair<text, double>>>>, std::vector<item>, \
    std::vector<mixed>, mixed, std::vector<settings>, settings, holds_settings, optional_only, \
    std::map<text, text>, std::map<u8, text>, std::map<std::uint64_t, text>, std::map<text, u8>, \
    std::map<text, choice>, std::map<text, ctbus::variant>, std::map<text, bool>, \
    std::map<text, std::vector<text>>, std::map<text, std::map<text, choice>>, \
    std::map<int, std::tuple<u8, text>>, std::map<u16, std::vector<text>>, \
    std::unordered_map<text, double>, std::map<colour, text>, std::map<text, settings>, \
    ctbus::dict<text, text>, ctbus::dict<ctbus::object_path, text>, ctbus::dict<text, i64>, \
    ctbus::dict<ctbus::object_path, ctbus::dict<text, ctbus::dict<text, ctbus::variant>>>, \
    std::vector<std::vector<text>>, std::vector<std::map<text, text>>, std::vector<choice>, \
    std::vector<ctbus::variant>, ctbus::variant, choice, \
    std::vector<bool>, std::list<int>, std::deque<double>, std::set<u16>, std::list<level>, \
    std::vector<std::list<i64>>, structs<int, int>, structs<text, std::set<i64>>, \
    std::vector<instant>, std::list<instant>, structs<text, std::vector<instant>, instant>, \
    std::vector<std::vector<u8>>, std::vector<std::vector<u16>>, std::vector<std::vector<double>>, \
    std::vector<std::list<int>>, std::vector<std::vector<instant>>, std::vector<std::set<level>>, \
    structs<u8, std::vector<u8>>, structs<std::vector<i64>, u8>, structs<u8, std::list<u16>, int>, \
    structs<i64, std::vector<double>, std::vector<u8>, text>, std::map<u8, std::vector<u8>>, \
    std::map<std::uint64_t, std::vector<i64>>, std::map<u16, std::map<u8, std::vector<double>>>, \
    structs<u8, std::tuple<u8, std::vector<i64>>, double>, std::vector<std::vector<bool>>
// clang-format on

TEST_CASE_TEMPLATE_DEFINE("the same bytes as plain calls give", T, same_bytes) {
    fixture f;
    ctbus::codec::detail::spans_work = 1;
    any_value any{1};
    for (int turn = 0; turn < 60; ++turn) {
        // What stands before and after, so that it begins anywhere and must leave all in order.
        const std::string before(any.below(8), 'b');
        const T value = any.make<T>(), second = any.make<T>();
        const auto write = [&] {
            ctbus::message m = f.new_message();
            ctbus::codec::message_writer writer{m.get()}; // as of a reply
            const auto put = [&](const auto& one) {
                CHECK(ctbus::codec::append(writer, one) >= 0);
            };
            put(before), put(value), put(u8{1});
            must(m.try_append(second, before));
            return f.bytes_of(m);
        };
        const std::string spanned = write();
        by_plain_calls now;
        const std::string plain = write();
        CHECK(spanned == plain);
        if (spanned != plain) return;
    }
}
TEST_CASE_TEMPLATE_APPLY(same_bytes, std::tuple<EVERY_TYPE>);

namespace {

template <class... Ts>
int calls_for(fixture& f, const Ts&... values) {
    ctbus::message m = f.new_message();
    calls = 0;
    must(m.try_append(values...));
    return calls;
}

/// What is said of values that cannot be written; nothing may have been sent.
template <class... Ts>
std::string refusal(fixture& f, const Ts&... values) {
    ctbus::message m = f.new_message();
    const auto done = m.try_append(values...);
    REQUIRE(!done);
    CHECK(!m.try_seal());
    return std::string{done.error().message()};
}
/// The same, which plain calls say too.
template <class T>
std::string same_refusal(fixture& f, const T& value) {
    const std::string spanned = refusal(f, value);
    by_plain_calls now;
    CHECK(refusal(f, value) == spanned);
    return spanned;
}

template <class T>
std::vector<T> times(std::size_t n, const T& value) {
    return std::vector<T>(n, value);
}

} // namespace

TEST_CASE_FIXTURE(fixture, "a number of sd-bus calls that does not grow with the array") {
    ctbus::codec::detail::spans_work = 1;
    const item one{"name", 1, 2};
    const std::map<text, text> few{{"a", "b"}, {"c", "d"}};
    std::map<text, ctbus::variant> many;
    for (int i = 0; i < 500; ++i)
        many.emplace(std::to_string(i), must(ctbus::variant::try_make(i)));
    const std::map<text, ctbus::variant> two{*many.begin(), *many.rbegin()};
    CHECK(calls_for(*this, times<text>(2, "x")) == calls_for(*this, times<text>(500, "x")));
    CHECK(calls_for(*this, times(2, one)) == calls_for(*this, times(500, one)));
    CHECK(calls_for(*this, two) == calls_for(*this, many));
    using nested = std::tuple<text, std::vector<std::tuple<text, std::vector<text>>>>;
    const nested inner{"x", {{"y", {"z", "z"}}, {"y", {"z", "z"}}}};
    const nested larger{"x", times(40, std::tuple{text{"y"}, times<text>(40, "z")})};
    CHECK(calls_for(*this, times(2, inner)) == calls_for(*this, times(40, larger)));
    // One element, and none: as plain calls do it.
    CHECK(calls_for(*this, times(1, one)) == 5);
    CHECK(calls_for(*this, times(0, one)) == 1);
    CHECK(calls_for(*this, std::list<int>(500)) == calls_for(*this, std::list<int>(2)));
    by_plain_calls now;
    CHECK(calls_for(*this, times(500, one)) == 1 + 500 * 4);
}

TEST_CASE_FIXTURE(fixture, "text that may not be sent, anywhere in an array") {
    ctbus::codec::detail::spans_work = 1;
    const std::string not_utf8 = "caf\xe9", with_nul{"a\0b", 3},
                      longer = std::string(70, 'x') + "\xff";
    for (std::size_t at = 0; at < 5; ++at) {
        std::vector<item> items(5, item{"good", 1, 2});
        std::map<text, std::variant<int, text>> named{
            {"a", 1}, {"b", "x"}, {"c", 2}, {"d", "y"}, {"e", 3}};
        std::vector<std::tuple<text, text>> pairs(5);
        std::vector<const char*> pointers(5, "x");
        std::vector<std::tuple<text, std::variant<int, text>>> choices(5);
        std::vector<colour> colours(5, colour::red);
        items[at].name = not_utf8;
        CHECK(same_refusal(*this, items) == "argument 1 is not valid UTF-8");
        items[at].name = with_nul;
        CHECK(same_refusal(*this, items) == "argument 1 has an embedded NUL");
        items[at].name = longer;
        CHECK(same_refusal(*this, items) == "argument 1 is not valid UTF-8");
        std::next(named.begin(), static_cast<std::ptrdiff_t>(at))->second = with_nul;
        CHECK(same_refusal(*this, named) == "argument 1 has an embedded NUL");
        std::get<1>(pairs[at]) = not_utf8;
        CHECK(same_refusal(*this, pairs) == "argument 1 is not valid UTF-8");
        pointers[at] = nullptr;
        CHECK(same_refusal(*this, pointers) == "argument 1 is a null pointer where text is needed");
        colours[at] = colour::blue;
        CHECK(same_refusal(*this, colours) == "argument 1 is not one of the enumerators");
        // The first one counts, whatever it is.
        pointers[at] = "\xff";
        if (at < 4) pointers[4] = nullptr;
        CHECK(same_refusal(*this, pointers) == "argument 1 is not valid UTF-8");
        std::vector<ctbus::object_path> paths(5);
        ctbus::object_path gone =
            std::move(paths[at] = must(ctbus::object_path::parse("/a/path/too/long/for/it")));
        std::vector<std::tuple<text, ctbus::object_path>> with_paths;
        for (const auto& path : paths) with_paths.emplace_back("x", path);
        CHECK(same_refusal(*this, with_paths) == "argument 1 is not valid");
        std::vector<std::tuple<text, ctbus::variant>> variants(
            5, {"x", must(ctbus::variant::try_make(1))});
        std::get<1>(variants[at]) = {};
        CHECK(same_refusal(*this, variants) == "argument 1 is a variant without a value");
    }
}

namespace {

/// A variant in that many arrays of structs.
template <int N>
struct nest {
    std::vector<nest<N - 1>> inner;
};
template <>
struct nest<0> {
    ctbus::variant inner;
};
template <int N>
nest<N> in_containers(const ctbus::variant& value) {
    if constexpr (N == 0) return {value};
    else return {{in_containers<N - 1>(value)}};
}

} // namespace

TEST_CASE_FIXTURE(fixture, "an array or a message that is too large, or too deep") {
    ctbus::codec::detail::spans_work = 1;
    const std::string large(40 << 20, 'x');
    const std::vector<std::string_view> views(2, large);
    CHECK(contains(refusal(*this, views), "is too large"));
    const std::vector<std::tuple<text, std::vector<std::string_view>>> rows(2, {"x", {large}});
    CHECK(contains(refusal(*this, rows), "is too large"));
    ctbus::variant deep = must(ctbus::variant::try_make(1));
    int refused = 0;
    for (int depth = 1; depth < 70; ++depth) {
        const std::vector<std::tuple<text, ctbus::variant>> nested{
            {"x", deep}, {"y", must(ctbus::variant::try_make(1))}};
        const auto write = [&] { return new_message().try_append(nested).has_value(); };
        const bool spanned = write();
        refused += !spanned;
        by_plain_calls now;
        CHECK(write() == spanned);
        if (!spanned) break;
        deep = must(ctbus::variant::try_make(std::tuple{deep}));
    }
    CHECK(refused == 1);

    const auto fits_below_63 = [&](const auto& value) {
        const std::vector<std::tuple<text, nest<30>>> both{
            {"x", in_containers<30>(must(ctbus::variant::try_make(value)))}, {"y", {}}};
        const auto write = [&] { return new_message().try_append(both).has_value(); };
        const bool spanned = write();
        by_plain_calls now;
        CHECK(write() == spanned);
        return spanned;
    };
    CHECK(fits_below_63(1));
    CHECK(fits_below_63(std::vector<int>{1}));
    CHECK(!fits_below_63(std::vector<std::vector<int>>{{1}}));
}

TEST_CASE_FIXTURE(fixture, "descriptors, which sd-bus has to count") {
    ctbus::codec::detail::spans_work = 1;
    using choices = std::vector<std::tuple<text, std::variant<int, ctbus::unix_fd>>>;
    const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    choices some(4, {"x", 1});
    std::get<1>(some[2]) = ctbus::unix_fd{fd};
    ctbus::message m = new_message();
    must(m.try_append(some,
                      std::map<text, ctbus::unix_fd_view>{{"a", ctbus::unix_fd_view{fd}},
                                                          {"b", ctbus::unix_fd_view{fd}}},
                      std::map<text, ctbus::variant>{
                          {"a", must(ctbus::variant::try_make(1))},
                          {"b", must(ctbus::variant::try_make(ctbus::unix_fd_view{fd}))}}));
    must(m.try_seal());
    auto [back, map, variants] =
        must(m.try_read<choices, std::map<text, ctbus::unix_fd>, std::map<text, ctbus::variant>>());
    CHECK(std::get<1>(back[2]).index() == 1);
    CHECK(map.size() == 2);
    CHECK(variants["b"].signature() == "h");
}

TEST_CASE_FIXTURE(fixture, "a memfd in the message: numbers of eight bytes go by plain calls") {
    ctbus::codec::detail::spans_work = 1;
    const std::vector<std::vector<i64>> rows{{1, 2}, {}, {3}};
    const std::vector<std::vector<u16>> narrow_rows{{1, 2}, {}, {3}};
    for (const std::size_t size : {std::size_t{3}, std::size_t{8}, std::size_t{12}}) {
        const ctbus::unix_fd fd{::memfd_create("ctbus", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
        REQUIRE(::write(fd.get(), "twelve bytes", size) == static_cast<ssize_t>(size));
        ctbus::message m = new_message();
        REQUIRE(sd_bus_message_append_array_memfd(m.get(), 'y', fd.get(), 0, size) >= 0);
        must(m.try_append(rows, narrow_rows, rows));
        must(m.try_seal());
        using read_rows = std::vector<std::vector<i64>>;
        auto [bytes, first, narrow, last] = must(
            m.try_read<std::vector<u8>, read_rows, std::vector<std::vector<u16>>, read_rows>());
        CHECK(bytes.size() == size);
        CHECK(first == rows);
        CHECK(narrow == narrow_rows);
        CHECK(last == rows);
    }
}

TEST_CASE_FIXTURE(fixture, "what is not the same each time it is looked at: a small array") {
    ctbus::codec::detail::spans_work = 1;
    for (std::size_t at = 0; at < 4; ++at) {
        std::vector<restless> values(4, restless{1, {"same", "same"}});
        values[at] = restless{1, {"looked at once", nullptr}};
        ctbus::message m = new_message();
        must(m.try_append(values));
        must(m.try_seal());
        CHECK(must(m.try_read<std::vector<text>>())[at] == "looked at once");
    }
    const std::vector<text> none, one{"only"}, two{"a", "b"}, large(500, text(3000, 'y'));
    for (const auto* first : {&two, &large})
        for (const auto* second : {&none, &one, &two, &large}) {
            ctbus::message m = new_message();
            must(m.try_append(other_range<text>{{first, second}}));
            must(m.try_seal());
            CHECK(must(m.try_read<std::vector<text>>()) == *first);
        }
    must(new_message().try_append(wrong_size{{1, 2, 3}, 3}));
    for (const std::size_t told : {std::size_t{0}, std::size_t{2}, std::size_t{4}})
        CHECK(contains(refusal(*this, wrong_size{{1, 2, 3}, told}), "is not the same each time"));
}

TEST_CASE_FIXTURE(fixture, "what is not the same each time it is looked at: a large array") {
    ctbus::codec::detail::spans_work = 1;
    const std::string good(3000, 'y'), shorter(100, 'y'), longer(3010, 'y'),
        bad = std::string(2999, 'y') + '\xff';
    for (std::size_t at = 0; at < 4; ++at) {
        const std::vector<restless> values(4, restless{1, {good.c_str(), good.c_str()}});
        must(new_message().try_append(values));
        const auto refused = [&](const char* then) {
            auto changing = values;
            // Written where it does not fit, unless it is the last; counted; and written.
            changing[at] = restless{at < 3 ? 2 : 1, {good.c_str(), then}};
            return refusal(*this, changing);
        };
        CHECK(contains(refused(shorter.c_str()), "is not the same each time"));
        CHECK(contains(refused(longer.c_str()), "is not the same each time"));
        CHECK(contains(refused(bad.c_str()), "is not valid UTF-8"));
        CHECK(contains(refused(nullptr), "is a null pointer"));
    }

    const text wide(9000, 'x'); // no room for what follows, so that it is counted first
    const std::vector<std::tuple<std::uint8_t, std::int64_t>> few(1), many(400);
    using numbers = other_range<std::tuple<std::uint8_t, std::int64_t>>;
    const std::vector<bool> some_bits(1), many_bits(3000);
    const std::vector<std::vector<i64>> few_rows(1), many_rows(500);
    for (std::size_t at = 0; at < 2; ++at) {
        const auto* least = at == 0 ? &few : &many;
        const auto* most = at == 0 ? &many : &few;
        CHECK(
            contains(refusal(*this, std::vector<std::tuple<text, numbers>>{{wide, {{least, most}}},
                                                                           {"y", {{&few, &few}}}}),
                     "is not the same each time"));
    }
    CHECK(contains(
        refusal(*this,
                std::vector<std::tuple<text, other_range<bool>>>{
                    {wide, {{&some_bits, &many_bits}}}, {"y", {{&some_bits, &some_bits}}}}),
        "is not the same each time"));
    CHECK(contains(refusal(*this,
                           std::vector<std::tuple<text, other_range<std::vector<i64>>>>{
                               {wide, {{&few_rows, &many_rows}}}, {"y", {{&few_rows, &few_rows}}}}),
                   "is not the same each time"));
}

TEST_CASE_FIXTURE(fixture, "a libsystemd whose memory looks different is found out at first use") {
    const std::vector<item> items{{"one", 1, 2}, {"two", 3, 4}, {"three", 5, 6}};
    const auto write = [&] {
        ctbus::message m = new_message();
        must(m.try_append(items));
        return bytes_of(m);
    };
    ctbus::codec::detail::spans_work = -1;
    const std::string good = write();
    CHECK(ctbus::codec::detail::spans_work == 1);
    for (const layout other : {layout::foreign, layout::foreign_behind, layout::foreign_numbers}) {
        libsystemd = other;
        ctbus::codec::detail::spans_work = -1;
        const ctbus::message m = new_message();
        CHECK(!ctbus::codec::detail::can_span(m.get()));
        CHECK(ctbus::codec::detail::spans_work == 0);
        libsystemd = layout::known;
    }
    CHECK(write() == good);
    CHECK(ctbus::codec::detail::spans_work == 0);
    ctbus::codec::detail::spans_work = 1;
}
