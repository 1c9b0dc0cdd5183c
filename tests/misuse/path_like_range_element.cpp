// expect: ctbus: a range of itself, such as std::filesystem::path, cannot travel: use its string()
// names: "Changed"
// names: vector
#include <ctbus/interface.hpp>

#include <string>
#include <vector>

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
    ctbus::interface<"org.example.Calculator",
        ctbus::signal<"Changed", void(int, std::vector<type>)>> {};
