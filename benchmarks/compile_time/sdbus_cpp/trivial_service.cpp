// A service of one method, with sdbus-c++'s convenience API.
#include <sdbus-c++/sdbus-c++.h>

int main() {
    const auto bus = sdbus::createSessionBusConnection();
    const auto object = sdbus::createObject(*bus, "/org/example/adder");
    object->registerMethod("Add")
        .onInterface("org.example.Adder")
        .implementedAs([](double a, double b) { return a + b; });
    object->finishRegistration();
    bus->requestName("org.example.Adder");
    bus->enterEventLoop();
}
