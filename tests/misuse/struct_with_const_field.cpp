// expect: ctbus: a struct with a reference or const field cannot be read: store the value
// names: "Mark"
// names: labelled
#include <ctbus/interface.hpp>

#include <string>

struct labelled {
    const int id;
    std::string label;
};
struct label {
    int id;
    std::string label;
};

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Mark", void(labelled)>> {};
#else
struct contract : ctbus::interface<"org.example.Calculator", ctbus::method<"Mark", void(label)>> {};
#endif
