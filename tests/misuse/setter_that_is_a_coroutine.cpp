// expect: ctbus: a setter returns void, or result<void> to refuse
// names: "Mode"
#include <ctbus/async.hpp>
#include <ctbus/vtable.hpp>

struct calculator {
    int mode() const;
    void set_mode(int);
    ctbus::task<> set_mode_later(int);
};

#ifdef MISUSE
struct table :
    ctbus::vtable<"org.example.Calculator",
        ctbus::accessor<"Mode", &calculator::mode, &calculator::set_mode_later>> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator",
        ctbus::accessor<"Mode", &calculator::mode, &calculator::set_mode>> {};
#endif
