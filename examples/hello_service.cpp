// The smallest service: its interface is deduced from its functions.
#include <ctbus/ctbus.hpp>

#include <csignal>
#include <string>
#include <string_view>

class greeter {
public:
    std::string greet(std::string_view name) {
        ++greeted;
        return "Hello, " + std::string{name} + "!";
    }
    std::uint32_t greeted = 0;
};

struct greeter_vtable :
    ctbus::vtable<"org.example.Hello",
        ctbus::handler<"Greet", &greeter::greet, ctbus::args<"name">, ctbus::returns<"greeting">>,
        ctbus::accessor<"Greeted", &greeter::greeted>> {};

int main() {
    auto bus = ctbus::connection::session();
    greeter everybody;
    ctbus::object<greeter_vtable> object{bus, "/org/example/hello", everybody};
    bus.request_name("org.example.Hello");
    bus.run_until({SIGTERM, SIGINT});
}
