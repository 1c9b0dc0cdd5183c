// expect: ctbus: a range of itself, such as std::filesystem::path, cannot travel: use its string()
// names: "Sum"
// names: parameter<2>
#include <ctbus/vtable.hpp>

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

int sum(int, type&);
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Sum", &sum>> {};
