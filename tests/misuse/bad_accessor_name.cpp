// expect: ctbus: a member's name has to be 1 to 255 letters, digits or underscores and must not begin with a digit
// names: misnamed<
// names: empty
#include <ctbus/vtable.hpp>

struct calculator {
    int precision;
};

#ifdef MISUSE
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::accessor<"", &calculator::precision>> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::accessor<"Precision", &calculator::precision>> {
};
#endif
