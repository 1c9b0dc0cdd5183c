// expect: ctbus: the getter and the setter of a property have different D-Bus signatures
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
    ctbus::vtable<"org.example.Calculator",
        ctbus::accessor<"Mode", &calculator::mode, &calculator::set_mode_text>> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator",
        ctbus::accessor<"Mode", &calculator::mode, &calculator::set_mode>> {};
#endif
