// A service of one method.
#include <ctbus/ctbus.hpp>

namespace {

struct adder {
    double add(double a, double b) { return a + b; }
};

struct adder_vtable : ctbus::vtable<"org.example.Adder", ctbus::handler<"Add", &adder::add>> {};

} // namespace

int main() {
    auto bus = ctbus::connection::session();
    adder instance;
    const ctbus::object<adder_vtable> object{bus, "/org/example/adder", instance};
    bus.request_name("org.example.Adder");
    bus.run();
}
