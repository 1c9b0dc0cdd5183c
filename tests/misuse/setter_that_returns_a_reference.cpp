// expect: ctbus: a setter returns void, or result<void> to refuse
// names: Mode
#include <ctbus/vtable.hpp>

struct machine {
    int mode() const;
#ifdef MISUSE
    machine& set_mode(int);
#else
    void set_mode(int);
#endif
};
struct table :
    ctbus::vtable<"org.example.Machine",
        ctbus::accessor<"Mode", &machine::mode, &machine::set_mode>> {};
