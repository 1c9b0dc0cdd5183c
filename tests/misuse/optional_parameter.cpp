// expect: ctbus: D-Bus has no optional: use an empty array, or a field of an as_dict struct, which may be absent
// names: "Add"
// names: parameter<2>
// names: nesting<
#include <ctbus/interface.hpp>

#include <optional>
#include <vector>

#ifdef MISUSE
using type = std::optional<int>;
#else
using type = std::vector<int>;
#endif

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", void(int, type)>> {};
