// expect: ctbus: a struct with a reference or const field cannot be read: store the value
// names: "Add"
// names: parameter<2>
// names: nesting<
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

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", void(int, type)>> {};
