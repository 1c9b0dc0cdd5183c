// Views and spans are read without a heap call of ours: in handlers, callbacks, and from the reply
// of call_message().
#include <ctbus/ctbus.hpp>

#include "must.hpp"
#include "raw_peer.hpp"
#include "service_thread.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <systemd/sd-bus.h>
#include <utility>
#include <vector>

using test::contains;
using test::must;
using test::path;
using test::raw_peer;

namespace {

thread_local unsigned long heap_calls = 0;

} // namespace

#if defined(__has_feature) // Clang's way to say __SANITIZE_ADDRESS__
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void*,
                                                                             std::size_t),
                                                         void (*free_hook)(const volatile void*));
[[maybe_unused]] static const int hooked = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t) { ++heap_calls; }, [](const volatile void*) {});
#else
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* malloc(std::size_t size) {
    return ++heap_calls, __libc_malloc(size);
}
void* calloc(std::size_t n, std::size_t size) {
    return ++heap_calls, __libc_calloc(n, size);
}
void* realloc(void* p, std::size_t size) {
    return ++heap_calls, __libc_realloc(p, size);
}
}
#endif

namespace {

constexpr const char* name = "org.ctbus.Borrowing";
const std::string long_text(100, 't');
const std::vector<double> numbers(50, 1.5);

struct Borrowing
    : ctbus::interface<"org.ctbus.Borrowing",
                       ctbus::method<"Take", void(std::string, std::string, std::vector<double>,
                                                  ctbus::object_path, std::string)>,
                       ctbus::method<"Give", void(std::string, std::string&, std::vector<double>&,
                                                  std::vector<std::string>&)>,
                       ctbus::method<"Fire", void(std::string), ctbus::no_reply>,
                       ctbus::method<"Fail", std::string()>,
                       ctbus::signal<"Told", void(std::string, std::vector<double>)>> {};

struct taker {
    std::size_t seen = 0;
    void take(std::string_view a, const char* b, std::span<const double> c,
              ctbus::object_path_view d, const std::string_view& e) {
        seen = a.size() + std::string_view{b}.size() + c.size() + d.size() + e.size();
    }
    void give(std::string_view in, std::string& text, std::vector<double>& all,
              std::vector<std::string>& words) {
        text = in;
        all = numbers;
        words = {long_text, "b"};
    }
    void fire(std::string_view) {}
    ctbus::result<std::string> fail() {
        return ctbus::failure{ctbus::error{"org.example.No", "not now"}};
    }
};
struct taker_vtable
    : ctbus::implements<Borrowing, ctbus::handler<"Take", &taker::take>,
                        ctbus::handler<"Give", &taker::give>, ctbus::handler<"Fire", &taker::fire>,
                        ctbus::handler<"Fail", &taker::fail>> {};

// The same by sd-bus alone.
std::size_t raw_seen = 0;
int raw_take(sd_bus_message* m, void*, sd_bus_error*) {
    const char *a = nullptr, *b = nullptr, *d = nullptr, *e = nullptr;
    const void* c = nullptr;
    std::size_t bytes = 0;
    if (sd_bus_message_read_basic(m, 's', &a) < 0 || sd_bus_message_read_basic(m, 's', &b) < 0 ||
        sd_bus_message_read_array(m, 'd', &c, &bytes) < 0 ||
        sd_bus_message_read_basic(m, 'o', &d) < 0 || sd_bus_message_read_basic(m, 's', &e) < 0)
        return -EBADMSG;
    raw_seen = std::string_view{a}.size() + std::string_view{b}.size() + bytes / sizeof(double) +
               std::string_view{d}.size() + std::string_view{e}.size();
    return sd_bus_reply_method_return(m, "");
}
int raw_told(sd_bus_message* m, void*, sd_bus_error*) {
    const char* a = nullptr;
    const void* b = nullptr;
    std::size_t bytes = 0;
    if (sd_bus_message_read_basic(m, 's', &a) < 0 ||
        sd_bus_message_read_array(m, 'd', &b, &bytes) < 0)
        return -EBADMSG;
    raw_seen = std::string_view{a}.size() + bytes / sizeof(double);
    return 0;
}
const sd_bus_vtable raw_vtable[] = {
    SD_BUS_VTABLE_START(0), SD_BUS_METHOD("Take", "ssados", "", raw_take, 0), SD_BUS_VTABLE_END};

/// Heap calls while our end handles what has come, the least of several times: at first sd-bus's
/// own tables grow.
template <class Send>
unsigned long heap_calls_for(raw_peer& peer, Send&& send) {
    unsigned long least = -1ul;
    for (int i = 0; i < 5; ++i) {
        send();
        const unsigned long before = heap_calls;
        while (must(peer.ours.try_process())) {
        }
        if (heap_calls - before < least) least = heap_calls - before;
        peer.settle();
    }
    return least;
}

} // namespace

TEST_CASE("borrowed parameters of a handler") {
    raw_peer peer;
    taker t;
    test::exported<taker_vtable> object{peer.ours, path, t};
    sd_bus_slot* slot = nullptr;
    REQUIRE(sd_bus_add_object_vtable(peer.ours.get(), &slot, "/raww", name, raw_vtable, nullptr) >=
            0);
    const auto calling = [&](const char* at) {
        return heap_calls_for(peer, [&] {
            const auto m = peer.make_call(at, name, "Take", "ss", long_text.c_str(), "b");
            REQUIRE(sd_bus_message_append_array(m.get(), 'd', numbers.data(), numbers.size() * 8) >=
                    0);
            REQUIRE(sd_bus_message_append(m.get(), "os", "/some/long/path/to/an/object",
                                          long_text.c_str()) >= 0);
            peer.send(m);
        });
    };
    CHECK(calling(path) == calling("/raww"));
    CHECK(t.seen == 100 + 1 + 50 + 28 + 100);
    CHECK(raw_seen == t.seen);
    sd_bus_slot_unref(slot);
}

TEST_CASE("borrowed arguments of a callback") {
    raw_peer peer;
    std::size_t seen = 0;
    const auto telling = [&] {
        return heap_calls_for(peer, [&] {
            sd_bus_message* m = nullptr;
            REQUIRE(sd_bus_message_new_signal(peer.client(), &m, path, name, "Told") >= 0);
            REQUIRE(sd_bus_message_append(m, "s", long_text.c_str()) >= 0);
            REQUIRE(sd_bus_message_append_array(m, 'd', numbers.data(), numbers.size() * 8) >= 0);
            peer.send(test::raw_message::adopt(m));
        });
    };
    unsigned long ours = 0, theirs = 0;
    {
        auto subscription = must(ctbus::proxy<Borrowing>{peer.ours, path}.try_on<"Told">(
            [&](std::string_view a, std::span<const double> b) { seen = a.size() + b.size(); }));
        ours = telling();
    }
    {
        sd_bus_slot* slot = nullptr;
        REQUIRE(sd_bus_match_signal(peer.ours.get(), &slot, nullptr, path, name, "Told", raw_told,
                                    nullptr) >= 0);
        theirs = telling();
        sd_bus_slot_unref(slot);
    }
    CHECK(ours == theirs);
    CHECK(seen == 150);
    CHECK(raw_seen == 150);
}

TEST_CASE("the reply of a call, and what is read from it") {
    auto [service, client] = must(ctbus::connection::try_pair());
    taker t;
    test::exported<taker_vtable> object{service, path, t};
    test::service_thread running{service};
    ctbus::proxy<Borrowing> proxy{client, path};

    ctbus::message reply = must(proxy.try_call_message<"Give">(long_text));
    CHECK(reply.signature() == "sadas");
    unsigned long before = heap_calls;
    const auto [text, all] = must(reply.try_read<std::string_view, std::span<const double>>());
    const unsigned long ours = heap_calls - before;
    CHECK(text == long_text);
    CHECK(all.size() == 50);
    CHECK(all[49] == 1.5);
    must(reply.try_rewind());
    before = heap_calls;
    const char* a = nullptr;
    const void* b = nullptr;
    std::size_t bytes = 0;
    REQUIRE(sd_bus_message_read_basic(reply.get(), 's', &a) > 0);
    REQUIRE(sd_bus_message_read_array(reply.get(), 'd', &b, &bytes) > 0);
    CHECK(ours == heap_calls - before);
    CHECK(text.data() == a); // it points into the message
    CHECK(all.data() == b);

    // What a call checks is checked here, too.
    const auto failed = proxy.try_call_message<"Fail">();
    REQUIRE(!failed);
    CHECK(failed.error().name() == "org.example.No");
    const auto refused = proxy.try_call_message<"Give">("\xff");
    REQUIRE(!refused);
    CHECK(contains(refused.error().what(), "argument 1 of Give is not valid UTF-8"));
    CHECK(!must(proxy.try_call_message<"Fire">("x")));
    CHECK_THROWS_AS(proxy.call_message<"Fail">(), ctbus::error);
}

namespace {

struct Otherwise : ctbus::interface<"org.ctbus.Borrowing", ctbus::method<"Fail", void()>,
                                    ctbus::method<"Take", std::int32_t(std::string)>> {};
struct otherwise_vtable
    : ctbus::vtable<"org.ctbus.Borrowing",
                    ctbus::handler<"Take", [](std::string_view) { return 1.5; }>> {};

} // namespace

TEST_CASE("a reply of another signature than declared") {
    auto [service, client] = must(ctbus::connection::try_pair());
    test::exported<otherwise_vtable> object{service, path};
    test::service_thread running{service};
    const auto reply = ctbus::proxy<Otherwise>{client, path}.try_call_message<"Take">("x");
    REQUIRE(!reply);
    CHECK(contains(reply.error().what(),
                   "the reply has the signature \"d\" where \"i\" is declared"));
}

namespace {

struct line {
    std::string_view text;
    std::span<const double> numbers;
};
struct Lines : ctbus::interface<"org.ctbus.Lines", ctbus::method<"Line", line()>> {};
struct lines_vtable : ctbus::implements<Lines, ctbus::handler<"Line", [] {
                                            return line{long_text, numbers};
                                        }>> {};

} // namespace

TEST_CASE("a struct that borrows, read from a reply that is kept") {
    auto [service, client] = must(ctbus::connection::try_pair());
    test::exported<lines_vtable> object{service, path};
    test::service_thread running{service};
    ctbus::message reply = must(ctbus::proxy<Lines>{client, path}.try_call_message<"Line">());
    const line read = must(reply.try_read<line>());
    CHECK(read.text == long_text);
    CHECK(read.numbers.size() == 50);
}
