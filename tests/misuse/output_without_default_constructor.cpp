// expect: ctbus: an output parameter is value-initialised before the call, but its type has no default constructor: return the value instead
// names: "Read"
// names: parameter<1>
#include <ctbus/ctbus.hpp>

class kelvin {
public:
    explicit kelvin(double degrees) : degrees_{degrees} {}
    double degrees() const { return degrees_; }

private:
    double degrees_;
};

template <>
struct ctbus::wire<kelvin> {
    using type = double;
    static double to(const kelvin& k) { return k.degrees(); }
    static kelvin from(double degrees) { return kelvin{degrees}; }
};

#ifdef MISUSE
inline void measure(kelvin& k) {
    k = kelvin{1};
}
#else
inline kelvin measure() {
    return kelvin{1};
}
#endif

struct thermometer_vtable :
    ctbus::vtable<"org.example.Thermometer", ctbus::handler<"Read", &measure>> {};
