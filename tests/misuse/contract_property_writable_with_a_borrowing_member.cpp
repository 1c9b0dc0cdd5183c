// expect: ctbus: a writable data member has to own its data: use std::string for std::string_view, a container for std::span
// names: "Labels"
#include <ctbus/implements.hpp>

#include <string>
#include <string_view>
#include <vector>

struct Window :
    ctbus::interface<"org.example.Window",
        ctbus::property<"Labels", std::vector<std::string>, ctbus::writable>> {};

struct window {
#ifdef MISUSE
    std::vector<std::string_view> labels;
#else
    std::vector<std::string> labels;
#endif
};

struct table : ctbus::implements<Window, ctbus::accessor<"Labels", &window::labels>> {};
