// libdbus: what is often done with the iterators of a message, and a message that is filled or
// read.
#pragma once

#include "../marshalling.hpp"

#include <dbus/dbus.h>

#include <string>
#include <vector>

namespace bench {

inline void basic(DBusMessageIter* at, int type, const void* value) {
    bench::must(dbus_message_iter_append_basic(at, type, value), "libdbus: append");
}
inline void text(DBusMessageIter* at, int type, const std::string& s) {
    const char* c = s.c_str();
    basic(at, type, &c);
}
/// Fills a container with `fill(its iterator)`.
void container(DBusMessageIter* at, int type, const char* contents, auto fill) {
    DBusMessageIter inner;
    bench::must(dbus_message_iter_open_container(at, type, contents, &inner), "libdbus: open");
    fill(&inner);
    bench::must(dbus_message_iter_close_container(at, &inner), "libdbus: close");
}

/// Reads what is next, and goes on.
template <class T>
void number(DBusMessageIter* at, T& value) {
    dbus_message_iter_get_basic(at, &value);
    dbus_message_iter_next(at);
}
inline const char* text(DBusMessageIter* at) {
    const char* s = nullptr;
    dbus_message_iter_get_basic(at, &s);
    dbus_message_iter_next(at);
    return s;
}
inline DBusMessageIter inside(DBusMessageIter* at) {
    DBusMessageIter inner;
    dbus_message_iter_recurse(at, &inner);
    dbus_message_iter_next(at);
    return inner;
}
/// Calls `read(iterator)` as long as there is something.
void each(DBusMessageIter inner, auto read) {
    while (dbus_message_iter_get_arg_type(&inner) != DBUS_TYPE_INVALID) read(&inner);
}

template <class T>
void append_numbers(DBusMessageIter* at, const char* type, const std::vector<T>& all) {
    container(at, 'a', type, [&](DBusMessageIter* inner) {
        const T* first = all.data();
        bench::must(dbus_message_iter_append_fixed_array(inner, type[0], &first,
                                                         static_cast<int>(all.size())),
                    "libdbus: array");
    });
}
template <class T>
void read_numbers(DBusMessageIter* at, std::vector<T>& all) {
    DBusMessageIter inner = inside(at);
    const T* first = nullptr;
    int count = 0;
    dbus_message_iter_get_fixed_array(&inner, &first, &count);
    all.assign(first, first + count);
}

/// A Codec (marshalling.hpp) of `append(iterator, value)` and `read(iterator, fresh value)`, the
/// functions of `Of`.
template <class T, class Of>
class libdbus_codec {
public:
    explicit libdbus_codec(const T& value) : message_{filled(value)} {}
    libdbus_codec(const libdbus_codec&) = delete;
    libdbus_codec& operator=(const libdbus_codec&) = delete;
    ~libdbus_codec() { dbus_message_unref(message_); }

    static void marshal(const T& value) { dbus_message_unref(filled(value)); }
    void unmarshal() {
        DBusMessageIter at;
        dbus_message_iter_init(message_, &at);
        T value{};
        Of::read(&at, value);
        keep(value);
    }

private:
    static DBusMessage* filled(const T& value) {
        DBusMessage* m = dbus_message_new_signal(path, interface, "Changed");
        DBusMessageIter at;
        dbus_message_iter_init_append(m, &at);
        Of::append(&at, value);
        return m;
    }
    DBusMessage* message_;
};

} // namespace bench
