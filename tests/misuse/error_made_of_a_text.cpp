// expect: ctbus: an error has a name beside its text: error::make<"org.example.Error.Failed">(text)
#include <ctbus/ctbus.hpp>

ctbus::error refuse() {
#ifdef MISUSE
    return ctbus::error("out of paper");
#else
    return ctbus::error::make<"org.example.Error.Paper">("out of paper");
#endif
}
