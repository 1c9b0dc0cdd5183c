// expect: ctbus: wire<T> needs two static functions: to(const T&), which gives a value of its type (no narrowing), and from(type), which takes one (no narrowing) and gives a T or a result<T>
// names: ticks
#include <ctbus/ctbus.hpp>

#include <cstdint>

struct ticks {
    std::int64_t count;
};
template <>
struct ctbus::wire<ticks> {
    using type = std::int64_t;
    static type to(const ticks& t) { return t.count; }
#ifdef MISUSE
    static ticks from(int count) {
        return {count};
    }
#else
    static ticks from(type count) {
        return {count};
    }
#endif
};

void sleep_for(ticks);
struct table : ctbus::vtable<"org.example.Clock", ctbus::handler<"SleepFor", &sleep_for>> {};
