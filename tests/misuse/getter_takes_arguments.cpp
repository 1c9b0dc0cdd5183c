// expect: ctbus: a getter takes nothing (or the served instance) and returns the property's value
// names: "Mode"
#include <ctbus/vtable.hpp>

struct calculator {
    int mode() const;
    void set_mode(int);
    void set_mode_text(const char*);
    bool try_mode(int);
    int mode_of(int) const;
    int value;
};

#ifdef MISUSE
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::accessor<"Mode", &calculator::mode_of>> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::accessor<"Mode", &calculator::mode>> {};
#endif
