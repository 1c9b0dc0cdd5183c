// expect: ctbus: a pointer cannot travel: use the value itself, or std::string_view for text
// names: "Changed"
// names: vector
#include <ctbus/interface.hpp>

#include <vector>

#ifdef MISUSE
using type = int*;
#else
using type = int;
#endif

struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::signal<"Changed", void(int, std::vector<type>)>> {};
