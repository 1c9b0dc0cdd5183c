// expect: ctbus: a D-Bus dictionary's key has to be a basic type: use an integer or std::string
// names: "Changed"
// names: nesting<
// names: point
#include <ctbus/interface.hpp>

#include <map>
#include <vector>

struct point {
    int x, y;
    auto operator<=>(const point&) const = default;
};

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::signal<"Changed", void(std::vector<std::map<point, int>>)>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::signal<"Changed", void(std::vector<std::map<int, point>>)>> {};
#endif
