// expect: ctbus: a range of itself, such as std::filesystem::path, cannot travel: use its string()
// names: "Open"
// names: filesystem
#include <ctbus/interface.hpp>

#include <filesystem>
#include <string>

#ifdef MISUSE
using type = std::filesystem::path;
#else
using type = std::string;
#endif

struct contract : ctbus::interface<"org.example.Calculator", ctbus::method<"Open", void(type)>> {};
