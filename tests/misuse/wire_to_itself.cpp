// expect: ctbus: wire<T>::type is T itself: map it to a type that ctbus knows
// names: "Wait"
// names: seconds
#include <ctbus/interface.hpp>

struct seconds {
    double count;
};

#ifdef MISUSE
template <>
struct ctbus::wire<seconds> {
    using type = seconds;
    static seconds to(const seconds& s) { return s; }
    static seconds from(seconds s) { return s; }
};
#else
template <>
struct ctbus::wire<seconds> {
    using type = double;
    static double to(const seconds& s) { return s.count; }
    static seconds from(double count) { return {count}; }
};
#endif

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Wait", void(seconds)>> {};
