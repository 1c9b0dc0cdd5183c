// expect: ctbus: a struct with a reference or const field cannot be read: store the value
// names: "Get"
// names: outer
#include <ctbus/interface.hpp>

#include <string>

struct borrower {
    int id;
    std::string& name;
};
struct owner {
    int id;
    std::string name;
};

#ifdef MISUSE
using type = borrower;
#else
using type = owner;
#endif

struct outer {
    int first;
    type second;
};
struct contract : ctbus::interface<"org.example.Calculator", ctbus::property<"Get", outer>> {};
