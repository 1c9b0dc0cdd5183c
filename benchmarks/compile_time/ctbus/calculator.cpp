// The calculator of ctbus's README.
#include <ctbus/ctbus.hpp>

#include <cmath>
#include <cstdint>
#include <string>

namespace {

// clang-format off
struct Calculator : ctbus::interface<"org.example.Calculator",
    ctbus::method<"Add", double(double, double), ctbus::args<"a", "b">, ctbus::returns<"sum">>,
    ctbus::method<"DivMod", void(std::int32_t, std::int32_t, std::int32_t&, std::int32_t&)>,
    ctbus::method<"Reset", void(), ctbus::no_reply>,
    ctbus::property<"Precision", std::uint32_t, ctbus::writable, ctbus::emits_change>,
    ctbus::signal<"Overflowed", void(std::string, double), ctbus::args<"operation", "value">>> {};
// clang-format on

class calculator {
public:
    explicit calculator(const ctbus::connection& bus)
        : object_{bus, "/org/example/calculator", *this} {}

    double add(double a, double b) {
        const double sum = a + b;
        if (std::isinf(sum)) object_.emit<"Overflowed">("Add", sum);
        return sum;
    }
    void divmod(std::int32_t n, std::int32_t d, const ctbus::message& call, std::int32_t& quotient,
                std::int32_t& remainder) {
        if (d == 0) {
            call.reply_error(
                ctbus::error::make<"org.example.Calculator.DividedByZero">("the divisor is 0"));
            return;
        }
        quotient = n / d;
        remainder = n % d;
    }
    void reset() { precision = 2; }
    std::uint32_t precision = 2;

private:
    // clang-format off
    struct vtable : ctbus::implements<Calculator,
        ctbus::handler<"Add", &calculator::add>,
        ctbus::handler<"DivMod", &calculator::divmod>,
        ctbus::handler<"Reset", &calculator::reset>,
        ctbus::accessor<"Precision", &calculator::precision>> {};
    // clang-format on

    ctbus::object<vtable> object_;
};

} // namespace

int main() {
    auto bus = ctbus::connection::session();
    const calculator calc{bus};
    bus.request_name("org.example.Calculator");
    bus.run();
}
