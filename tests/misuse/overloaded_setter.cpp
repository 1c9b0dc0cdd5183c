// expect: function_cast_if_overloaded
// names: calculator::mode
#include <ctbus/vtable.hpp>

struct calculator {
    int mode() const;
    void mode(int);
};

#ifdef MISUSE
inline constexpr auto mode = ctbus::accessor<"Mode",
    static_cast<int (calculator::*)() const>(&calculator::mode), &calculator::mode>;
#else
inline constexpr auto mode =
    ctbus::accessor<"Mode", static_cast<int (calculator::*)() const>(&calculator::mode),
        static_cast<void (calculator::*)(int)>(&calculator::mode)>;
struct table : ctbus::vtable<"org.example.Calculator", mode> {};
#endif
