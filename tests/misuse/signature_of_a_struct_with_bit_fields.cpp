// expect: ctbus: a struct with bit-fields cannot travel: use whole integers
// names: flags
#include <ctbus/ctbus.hpp>

struct flags {
#ifdef MISUSE
    unsigned low : 4;
#else
    unsigned low;
#endif
    unsigned high;
};

constexpr auto signature = ctbus::signature_of<const flags>;
