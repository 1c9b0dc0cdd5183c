// expect: ctbus: wire<T> is specialised without a public type: name what T travels as, using type = W
// names: celsius
#include <ctbus/ctbus.hpp>

#include <vector>

class celsius {
public:
    explicit celsius(int degrees) : degrees_{degrees} {}
    int degrees() const { return degrees_; }

private:
    int degrees_;
};

template <>
struct ctbus::wire<celsius> {
#ifndef MISUSE
    using type = int;
#endif
    static int to(const celsius& c) {
        return c.degrees();
    }
    static celsius from(int degrees) {
        return celsius{degrees};
    }
};

void heat(std::vector<celsius>) {}

struct heater : ctbus::vtable<"org.example.Heater", ctbus::handler<"Heat", &heat>> {};
