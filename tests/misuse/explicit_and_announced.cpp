// expect: ctbus: explicit_get keeps a property out of PropertiesChanged, so that it cannot be emits_change
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
        ctbus::accessor<"Mode", &calculator::mode, ctbus::emits_change, ctbus::explicit_get>> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::accessor<"Mode", &calculator::mode,
                                                ctbus::emits_invalidation, ctbus::explicit_get>> {};
#endif
