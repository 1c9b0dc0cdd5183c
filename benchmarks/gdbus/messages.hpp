// GDBus: a message that is filled or read. A value is a GVariant; what travels is made of it when
// the message is turned into bytes, and all of it is checked and copied when bytes become a
// message: both are part of the work here.
#pragma once

#include "../marshalling.hpp"

#include <gio/gio.h>

namespace bench {

/// A Codec (marshalling.hpp) of `body(value)`, a floating tuple, and `read(tuple, fresh value)`,
/// the functions of `Of`.
template <class T, class Of>
class gdbus_codec {
public:
    explicit gdbus_codec(const T& value) : blob_{blob_of(value, &size_)} {}
    gdbus_codec(const gdbus_codec&) = delete;
    gdbus_codec& operator=(const gdbus_codec&) = delete;
    ~gdbus_codec() { g_free(blob_); }

    static void marshal(const T& value) {
        gsize size = 0;
        g_free(blob_of(value, &size));
    }
    void unmarshal() {
        GError* error = nullptr;
        GDBusMessage* m =
            g_dbus_message_new_from_blob(blob_, size_, G_DBUS_CAPABILITY_FLAGS_NONE, &error);
        must(m != nullptr, "g_dbus_message_new_from_blob");
        T value{};
        Of::read(g_dbus_message_get_body(m), value);
        keep(value);
        g_object_unref(m);
    }

private:
    static guchar* blob_of(const T& value, gsize* size) {
        GError* error = nullptr;
        GDBusMessage* m = g_dbus_message_new_signal(path, interface, "Changed");
        g_dbus_message_set_body(m, Of::body(value));
        guchar* made = g_dbus_message_to_blob(m, size, G_DBUS_CAPABILITY_FLAGS_NONE, &error);
        must(made != nullptr, "g_dbus_message_to_blob");
        g_object_unref(m);
        return made;
    }

    gsize size_ = 0;
    guchar* blob_;
};

} // namespace bench
