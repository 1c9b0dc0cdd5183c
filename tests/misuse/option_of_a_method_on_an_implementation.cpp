// expect: ctbus: this option does not belong to this kind of declaration: give it to the one that it is about, or remove it
// names: contract
#include <ctbus/implements.hpp>

#include <string>

struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Add", double(double, double), ctbus::args<"a", "b">>,
        ctbus::method<"Reset", void(), ctbus::no_reply>,
        ctbus::property<"Mode", int, ctbus::writable, ctbus::emits_change>,
        ctbus::property<"Version", std::string>> {};
struct calculator {
    double add(double, double);
    double add_three(double, double, double);
    float add_float(double, double);
    int add_int(double, double);
    void reset();
    int mode;
    double real_mode;
    int get_mode() const;
    void set_mode(int);
    std::string version() const;
    void set_version(std::string);
};

#ifdef MISUSE
struct table :
    ctbus::implements<contract, ctbus::handler<"Add", &calculator::add>,
        ctbus::handler<"Reset", &calculator::reset>, ctbus::accessor<"Mode", &calculator::mode>,
        ctbus::accessor<"Version", &calculator::version>, ctbus::no_reply> {};
#else
struct table :
    ctbus::implements<contract, ctbus::handler<"Add", &calculator::add>,
        ctbus::handler<"Reset", &calculator::reset>, ctbus::accessor<"Mode", &calculator::mode>,
        ctbus::accessor<"Version", &calculator::version>, ctbus::unprivileged> {};
#endif
