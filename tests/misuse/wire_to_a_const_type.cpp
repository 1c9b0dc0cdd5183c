// expect: ctbus: the type of a value is named without const: use T instead of const T
// names: "Set"
#include <ctbus/interface.hpp>

#include <string>

struct label {
    std::string text;
};

template <>
struct ctbus::wire<label> {
#ifdef MISUSE
    using type = const std::string;
#else
    using type = std::string;
#endif
    static std::string to(const label& l) {
        return l.text;
    }
    static label from(const std::string& text) {
        return {text};
    }
};

struct contract : ctbus::interface<"org.example.Labels", ctbus::method<"Set", void(label)>> {};
