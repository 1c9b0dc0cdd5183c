// expect: ctbus: an argument has a type that ctbus does not take for the parameter's type: give a value of that type
// names: "Wait"
// names: seconds
#include <ctbus/proxy.hpp>

class seconds {
public:
    explicit seconds(double count);
    operator double() const;
};
class ticks {
public:
    explicit ticks(int count);
    operator int() const;
};
struct contract : ctbus::interface<"org.example.Calculator", ctbus::method<"Wait", void(int)>> {};

#ifdef MISUSE
void use(const ctbus::proxy<contract>& calc) {
    calc.call<"Wait">(seconds{2.9});
}
#else
void use(const ctbus::proxy<contract>& calc) {
    calc.call<"Wait">(ticks{2});
}
#endif
