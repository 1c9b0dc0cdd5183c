// expect: ctbus: wire<T> is specialised without a public type: name what T travels as, using type = W
// names: "Set"
// names: mode
#include <ctbus/interface.hpp>

#include <string>

enum class mode { sleep, wake };

template <>
class ctbus::wire<mode> {
#ifndef MISUSE
public:
#endif
    using type = std::string;
    static type to(const mode& m) {
        return m == mode::sleep ? "sleep" : "wake";
    }
    static mode from(const type& text) {
        return text == "sleep" ? mode::sleep : mode::wake;
    }
};

struct contract : ctbus::interface<"org.example.Switch", ctbus::method<"Set", void(mode)>> {};
