// expect: ctbus: wire<T> needs two static functions: to(const T&), which gives a value of its type (no narrowing), and from(type), which takes one (no narrowing) and gives a T or a result<T>
// names: celsius
#include <ctbus/ctbus.hpp>

class celsius {
public:
    explicit celsius(int degrees) : degrees_{degrees} {}
    int degrees() const { return degrees_; }

private:
    int degrees_;
};

template <>
struct ctbus::wire<celsius> {
    using type = int;
    static int to(const celsius& c) { return c.degrees(); }
#ifndef MISUSE
    static celsius from(int degrees) {
        return celsius{degrees};
    }
#endif
};

constexpr auto signature = ctbus::signature_of<celsius>;
