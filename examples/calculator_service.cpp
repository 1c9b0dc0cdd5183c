// The calculator's service: one class, and the table that says which function serves what.
#include "calculator.hpp"

#include <cmath>
#include <csignal>
#include <limits>
#include <stdexcept>

class calculator {
public:
    explicit calculator(const ctbus::connection& bus)
        : object_{bus, "/org/example/calculator", *this} {}

    double add(double a, double b) {
        const double sum = a + b;
        if (std::isinf(sum)) object_.emit<"Overflowed">("Add", sum);
        return sum;
    }

    void divmod(std::int32_t n, std::int32_t d, std::int32_t& quotient, std::int32_t& remainder) {
        if (d == 0) throw ctbus::error::make<"org.example.Error.DivisionByZero">("d is 0");
        if (d == -1 && n == std::numeric_limits<std::int32_t>::min())
            throw std::overflow_error{"the quotient needs 33 bits"};
        quotient = n / d;
        remainder = n % d;
    }

    void reset() {
        precision = 2;
        object_.changed<"Precision">();
    }

    std::uint32_t precision = 2;

private:
    struct vtable :
        ctbus::implements<Calculator, ctbus::handler<"Add", &calculator::add>,
            ctbus::handler<"DivMod", &calculator::divmod>,
            ctbus::handler<"Reset", &calculator::reset>,
            ctbus::accessor<"Precision", &calculator::precision>> {};

    ctbus::object<vtable> object_;
};

int main() {
    auto bus = ctbus::connection::session();
    calculator calc{bus};
    bus.request_name("org.example.Calculator");
    bus.run_until({SIGTERM, SIGINT});
}
