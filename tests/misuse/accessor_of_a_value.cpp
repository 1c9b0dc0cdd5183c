// expect: ctbus: an accessor is given a data member, or a getter and perhaps a setter
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
struct table : ctbus::vtable<"org.example.Calculator", ctbus::accessor<"Mode", 5>> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::accessor<"Mode", &calculator::value>> {};
#endif
