// Types of one's own: a class through wire<T>, an enumeration by name, a variant, a struct.
// Service and client are the two ends of one pair of sockets.
#include <ctbus/ctbus.hpp>

#include <chrono>
#include <iostream>
#include <thread>
#include <variant>

// std::chrono's milliseconds travel as a 64-bit integer (x).
using std::chrono::milliseconds;
template <>
struct ctbus::wire<milliseconds> {
    using type = std::int64_t;
    static type to(milliseconds t) { return t.count(); }
    static milliseconds from(type count) { return milliseconds{count}; }
};

enum class mode { off, heat, cool }; // travels as its name (s)
template <>
inline constexpr std::pair<mode, const char*> ctbus::enum_strings<mode>[] = {
    {mode::off, "off"}, {mode::heat, "heat"}, {mode::cool, "cool"}};

struct reading { // (sdx)
    mode now;
    double celsius;
    milliseconds age;
};

struct thermostat {
    reading last{mode::off, 18.5, milliseconds{250}};
    const reading& adjust(const std::variant<double, mode>& wanted) { // takes v
        if (const double* celsius = std::get_if<double>(&wanted)) last.celsius = *celsius;
        else last.now = std::get<mode>(wanted);
        return last;
    }
};
struct Thermostat :
    ctbus::vtable<"org.example.Thermostat", ctbus::handler<"Adjust", &thermostat::adjust>> {};

void serve(ctbus::connection bus) {
    thermostat hall;
    ctbus::object<Thermostat> object{bus, "/thermostat", hall};
    static_cast<void>(bus.try_run()); // until the client closes its end
}

void use(ctbus::connection bus) {
    ctbus::proxy<Thermostat> hall{bus, "/thermostat"}; // a vtable is an interface, too
    hall.call<"Adjust">(mode::heat);
    const auto [now, celsius, age] = hall.call<"Adjust">(21.5);
    std::cout << (now == mode::heat ? "heating, " : "not heating, ") << celsius << " degrees "
              << age.count() << " ms ago\n";
}

int main() {
    auto [service, client] = ctbus::connection::pair();
    std::jthread thread{serve, std::move(service)};
    use(std::move(client));
}
