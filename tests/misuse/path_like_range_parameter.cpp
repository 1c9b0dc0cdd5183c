// expect: ctbus: a range of itself, such as std::filesystem::path, cannot travel: use its string()
// names: "Add"
// names: parameter<2>
// names: nesting<
#include <ctbus/interface.hpp>

#include <string>

struct pieces { // as std::filesystem::path is
    const pieces* begin() const;
    const pieces* end() const;
};

#ifdef MISUSE
using type = pieces;
#else
using type = std::string;
#endif

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", void(int, type)>> {};
