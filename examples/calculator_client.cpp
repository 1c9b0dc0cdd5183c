// The calculator's client: calls, an error, a property, signals.
#include "calculator.hpp"

#include <ctbus/property_changes.hpp>

#include <chrono>
#include <iostream>
#include <string_view>

int main() {
    auto bus = ctbus::connection::session();
    ctbus::proxy<Calculator> calc{bus, "org.example.Calculator", "/org/example/calculator"};

    // The bus starts the service for the first call.
    std::cout << "Add(1, 2) = " << calc.call<"Add">(1.0, 2.0) << '\n';

    auto [quotient, remainder] = calc.call<"DivMod">(17, 5);
    std::cout << "DivMod(17, 5) = " << quotient << ", " << remainder << '\n';

    try {
        calc.call<"DivMod">(1, 0);
    } catch (const ctbus::error& e) {
        std::cout << "DivMod(1, 0) threw " << e.what() << '\n';
    }
    // The same without exceptions, and with a timeout.
    const auto patient = calc.with_timeout(std::chrono::seconds{5});
    if (auto outcome = patient.try_call<"DivMod">(1, 0); !outcome)
        std::cout << "DivMod(1, 0) returned " << outcome.error().name() << '\n';

    const auto announced = calc.on_changed<"Precision">(
        [](std::uint32_t now) { std::cout << "announced: Precision = " << now << '\n'; });
    const auto overflowed = calc.on<"Overflowed">([&](std::string_view operation, double value) {
        std::cout << "signal: " << operation << " overflowed to " << value << '\n';
        bus.stop();
    });

    std::cout << "Precision is " << calc.get<"Precision">() << '\n';
    calc.set<"Precision">(4u);
    std::cout << "Precision is " << calc.get<"Precision">() << '\n';
    calc.call<"Reset">(); // no_reply: nobody waits
    calc.call<"Add">(1e308, 1e308);
    bus.run(); // until the signal is here
}
