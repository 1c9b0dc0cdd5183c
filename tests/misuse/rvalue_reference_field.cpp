// expect: ctbus: a struct with a reference or const field cannot be read: store the value
// names: "Write"
// names: line
#include <ctbus/interface.hpp>

#include <string>

struct line {
    int number;
    std::string&& text;
};
struct owned_line {
    int number;
    std::string text;
};

#ifdef MISUSE
struct contract : ctbus::interface<"org.example.Calculator", ctbus::method<"Write", void(line)>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Write", void(owned_line)>> {};
#endif
