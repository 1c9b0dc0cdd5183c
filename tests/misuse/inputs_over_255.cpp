// expect: ctbus: all inputs, or all outputs, together may have a signature of at most 255 bytes: group them in structs or pass fewer
// names: "Set"
#include <ctbus/interface.hpp>

#include <tuple>

using eight = std::tuple<int, int, int, int, int, int, int, int>;
using row = std::tuple<eight, eight, eight, eight>;

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Set", void(row, row, row, row, row, row, row)>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Set", void(row, row, row, row, row, row)>> {};
#endif
