// expect: ctbus: get_all() reads properties into a type of the signature a{sv}, such as std::map<std::string, ctbus::variant>, that owns its data
// names: map
#include <ctbus/proxy.hpp>

#include <map>
#include <string>
#include <string_view>
#include <variant>

struct Calculator :
    ctbus::interface<"org.example.Calculator", ctbus::property<"Precision", unsigned>> {};

#ifdef MISUSE
using all = std::map<std::string, std::variant<unsigned, std::string_view>>;
#else
using all = std::map<std::string, std::variant<unsigned, std::string>>;
#endif

auto use(const ctbus::proxy<Calculator>& calc) {
    return calc.try_get_all<all>();
}
