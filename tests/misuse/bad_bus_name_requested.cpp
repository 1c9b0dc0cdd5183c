// expect: bus_name_allows_only_letters_digits_underscore_and_hyphen
// names: bus_name_rules
#include <ctbus/connection.hpp>

#ifdef MISUSE
void use(ctbus::connection& bus) {
    bus.request_name("org.example.My Calculator");
}
#else
void use(ctbus::connection& bus) {
    bus.request_name("org.example.MyCalculator");
}
#endif
