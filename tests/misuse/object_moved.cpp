// expect: deleted
// names: ctbus::object
// names: table
#include <ctbus/object.hpp>

#include <utility>

class calculator {
public:
    int add(int, int);
    int mode() const;
};
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &calculator::add>> {};

#ifdef MISUSE
void use(ctbus::object<table>& object) {
    auto other = std::move(object);
}
#else
void use(ctbus::object<table>& object) {
    auto& other = object;
    (void)other;
}
#endif
