// expect-warning: nodiscard
// names: make
#include <ctbus/ctbus.hpp>

void refuse() {
#ifdef MISUSE
    ctbus::error::make<"org.example.Error.Closed">("it is closed");
#else
    throw ctbus::error::make<"org.example.Error.Closed">("it is closed");
#endif
}
