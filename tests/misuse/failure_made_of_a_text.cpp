// expect: ctbus: an error has a name beside its text: error::make<"org.example.Error.Failed">(text)
#include <ctbus/ctbus.hpp>

ctbus::result<int> print() {
#ifdef MISUSE
    return ctbus::failure{"out of paper"};
#else
    return ctbus::failure{ctbus::error::make<"org.example.Error.Paper">("out of paper")};
#endif
}
