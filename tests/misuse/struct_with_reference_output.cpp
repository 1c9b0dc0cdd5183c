// expect: ctbus: a struct with a reference or const field cannot be read: store the value
// names: "Sum"
// names: parameter<2>
#include <ctbus/vtable.hpp>

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

int sum(int, type&);
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Sum", &sum>> {};
