// expect: ctbus: a D-Bus dictionary's key has to be a basic type: use an integer or std::string
// names: "Get"
// names: vector<int>
#include <ctbus/interface.hpp>

#include <map>
#include <string>
#include <vector>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Get", std::map<std::vector<int>, int>()>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Get", std::map<std::string, int>()>> {
};
#endif
