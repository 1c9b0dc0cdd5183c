// expect: ctbus: two arguments have the same name: rename one
// names: "Add"
#include <ctbus/interface.hpp>

#ifdef MISUSE
constexpr auto names = ctbus::args<"a", "a">;
#else
constexpr auto names = ctbus::args<"a", "b">;
#endif

// An output may have the name of an input.
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Add", int(int, int), names, ctbus::returns<"a">>> {};
