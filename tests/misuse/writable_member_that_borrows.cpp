// expect: ctbus: a writable data member has to own its data: use std::string for std::string_view, a container for std::span
// names: "Title"
#include <ctbus/vtable.hpp>

#include <string>
#include <string_view>

struct window {
    std::string_view kind; // only read: it may borrow
    std::string title;
#ifdef MISUSE
    std::string_view shown;
#else
    std::string shown;
#endif
    const std::string& get_title() const;
    void set_title(std::string_view); // as may what a setter is given
};

struct table :
    ctbus::vtable<"org.example.Window", ctbus::accessor<"Kind", &window::kind>,
        ctbus::accessor<"Title", &window::shown, ctbus::writable>,
        ctbus::accessor<"Subtitle", &window::get_title, &window::set_title>> {};
