// expect: ctbus: a setter takes one value, and perhaps the message after it
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
        ctbus::accessor<"Mode", &calculator::mode, [](calculator&) {}>> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator",
        ctbus::accessor<"Mode", &calculator::mode, [](calculator& c, int m) { c.value = m; }>> {};
#endif
