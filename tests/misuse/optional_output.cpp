// expect: ctbus: D-Bus has no optional: use an empty array, or a field of an as_dict struct, which may be absent
// names: "Sum"
// names: parameter<2>
#include <ctbus/vtable.hpp>

#include <optional>
#include <vector>

#ifdef MISUSE
using type = std::optional<int>;
#else
using type = std::vector<int>;
#endif

int sum(int, type&);
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Sum", &sum>> {};
