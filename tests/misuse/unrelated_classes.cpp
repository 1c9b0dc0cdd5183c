// expect: ctbus: the functions of a vtable belong to classes that do not derive from one another: name the class with serves<S>
// names: "org.example.Calculator"
// names: calculator
// names: gauge
#include <ctbus/vtable.hpp>

struct calculator {
    void reset();
};
struct gauge {
    int read();
};
struct both : calculator, gauge {};

#ifdef MISUSE
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::handler<"Reset", &calculator::reset>,
        ctbus::handler<"Read", &gauge::read>> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::serves<both>,
        ctbus::handler<"Reset", &calculator::reset>, ctbus::handler<"Read", &gauge::read>> {};
#endif
