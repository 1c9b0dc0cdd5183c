// expect: ctbus: wire<T> needs two static functions: to(const T&), which gives a value of its type (no narrowing), and from(type), which takes one (no narrowing) and gives a T or a result<T>
// names: "Wait"
// names: seconds
#include <ctbus/interface.hpp>

#include <optional>

struct seconds {
    double count;
};

#ifdef MISUSE
template <>
struct ctbus::wire<seconds> {
    using type = int;
    static int to(const seconds& s) { return static_cast<int>(s.count); }
    static std::optional<seconds> from(int count) { return seconds{static_cast<double>(count)}; }
};
#else
template <>
struct ctbus::wire<seconds> {
    using type = int;
    static int to(const seconds& s) { return static_cast<int>(s.count); }
    static seconds from(int count) { return {static_cast<double>(count)}; }
};
#endif

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Wait", void(seconds)>> {};
