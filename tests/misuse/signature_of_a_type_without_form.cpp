// expect: ctbus: D-Bus has one floating type: use double
// names: float
#include <ctbus/ctbus.hpp>

#include <vector>

struct point {
    double x;
#ifdef MISUSE
    float y;
#else
    double y;
#endif
};

constexpr auto signature = ctbus::signature_of<std::vector<point>>;
