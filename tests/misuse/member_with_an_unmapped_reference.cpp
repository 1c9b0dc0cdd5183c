// expect: ctbus: this type has no D-Bus form: use an aggregate, or specialise ctbus::wire for it
// names: "Wait"
#include <ctbus/vtable.hpp>

class interval {
public:
    explicit interval(int);
};
struct timer {
#ifdef MISUSE
    void wait(const interval&);
#else
    void wait(const int&);
#endif
};
struct table : ctbus::vtable<"org.example.Timer", ctbus::handler<"Wait", &timer::wait>> {};
