// expect: ctbus: get_all() reads properties into a type of the signature a{sv}, such as std::map<std::string, ctbus::variant>, that owns its data
// names: map
// names: contract
#include <ctbus/async.hpp>

#include <map>
#include <string>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", int(int, double)>,
        ctbus::property<"Mode", int, ctbus::writable>, ctbus::property<"Version", std::string>> {};

#ifdef MISUSE
using all = std::map<std::string, unsigned>;
#else
using all = std::map<std::string, ctbus::variant>;
#endif

void use(const ctbus::proxy<contract>& calc) {
    calc.async_get_all<all>().then([](ctbus::result<all>) {}).detach();
}
