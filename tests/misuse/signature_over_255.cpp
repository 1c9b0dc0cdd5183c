// expect: ctbus: a D-Bus signature may have at most 255 bytes: use fewer or smaller types
// names: "Get"
#include <ctbus/interface.hpp>

#include <tuple>

using eight = std::tuple<int, int, int, int, int, int, int, int>;
using row = std::tuple<eight, eight, eight, eight>;

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::property<"Get", std::tuple<row, row, row, row, row, row, row>>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::property<"Get", std::tuple<row, row, row, row, row, row>>> {};
#endif
