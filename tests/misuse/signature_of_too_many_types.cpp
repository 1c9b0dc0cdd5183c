// expect: ctbus: a D-Bus signature may have at most 255 bytes: use fewer or smaller types
// names: group
#include <ctbus/ctbus.hpp>

struct small {
    int a, b, c, d, e, f, g, h;
};
struct group {
    small a, b, c, d, e, f, g;
};

#ifdef MISUSE
constexpr auto signature = ctbus::signature_of<group, group, group, group>;
#else
constexpr auto signature = ctbus::signature_of<group, group, group>;
#endif
