// A client of hello_service.cpp. It states what it uses of the interface, as one does for a service
// that somebody else wrote.
#include <ctbus/ctbus.hpp>

#include <iostream>
#include <string>

struct Hello :
    ctbus::interface<"org.example.Hello", //
        ctbus::method<"Greet", std::string(std::string)>,
        ctbus::property<"Greeted", std::uint32_t>> {};

int main() {
    auto bus = ctbus::connection::session();
    ctbus::proxy<Hello> hello{bus, "org.example.Hello", "/org/example/hello"};
    std::cout << hello.call<"Greet">("world") << '\n';
    std::cout << hello.call<"Greet">("again") << '\n';
    std::cout << hello.get<"Greeted">() << " greeted\n";
}
