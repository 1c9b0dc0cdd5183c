// expect: ctbus: D-Bus text is UTF-8: use std::string
// names: "Write"
// names: wchar_t
#include <ctbus/interface.hpp>

#include <string>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Write", void(wchar_t)>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Write", void(std::string)>> {};
#endif
