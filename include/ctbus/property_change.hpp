// The announcement of changed properties, and Set, which makes them.
#pragma once

#include <ctbus/property_dispatch.hpp>

#include <cstddef>
#include <cstring>
#include <systemd/sd-bus.h>

namespace ctbus {

namespace detail {

/// Sends one PropertiesChanged for `count` rows of `object`; their values are read now.
inline int announce(exported& object, const unsigned short* rows, std::size_t count,
                    sd_bus_error* out) {
    sd_bus_message* m = nullptr;
    bool sensitive = false;
    int r = sd_bus_message_new_signal(object.bus->bus, &m, object.path,
                                      "org.freedesktop.DBus.Properties", "PropertiesChanged");
    if (r < 0) return r;
    if ((r = sd_bus_message_append_basic(m, 's', object.interface)) < 0 ||
        (r = sd_bus_message_open_container(m, 'a', "{sv}")) < 0)
        return sd_bus_message_unref(m), r;
    for (std::size_t i = 0; i < count && r >= 0; ++i) {
        const sd_bus_vtable& row = object.rows[rows[i]];
        const auto& p = row.x.property;
        sensitive |= (row.flags & SD_BUS_VTABLE_SENSITIVE) != 0;
        if ((row.flags & SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE) == 0) continue;
        if ((r = sd_bus_message_open_container(m, 'e', "sv")) < 0 ||
            (r = sd_bus_message_append_basic(m, 's', p.member)) < 0 ||
            (r = sd_bus_message_open_container(m, 'v', p.signature)) < 0 ||
            (r = p.get(object.bus->bus, object.path, object.interface, p.member, m, &object, out)) <
                0 ||
            (r = sd_bus_message_close_container(m)) < 0)
            break;
        r = sd_bus_message_close_container(m);
    }
    if (r >= 0) r = sd_bus_message_close_container(m);
    if (r >= 0) r = sd_bus_message_open_container(m, 'a', "s");
    for (std::size_t i = 0; i < count && r >= 0; ++i) {
        const sd_bus_vtable& row = object.rows[rows[i]];
        if ((row.flags & SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION) != 0)
            r = sd_bus_message_append_basic(m, 's', row.x.property.member);
    }
    if (r >= 0) r = sd_bus_message_close_container(m);
    if (r >= 0) r = traced_send(nullptr, m, sensitive);
    sd_bus_message_unref(m);
    return r;
}

/// The announcement as `changed` makes it: the failure comes back as an error.
inline error announce_change(exported& object, const unsigned short* rows, std::size_t count) {
    // A setter that announces its own property has done what would follow.
    for (running_call* call = running_call::innermost; call; call = call->outer)
        if (call->on == &object && call->setting)
            for (std::size_t i = 0; i < count; ++i)
                if (std::strcmp(object.rows[rows[i]].x.property.member, call->setting) == 0)
                    call->announced = true;
    if (object.bus) object.bus->check_thread();
    sd_bus_error failed{};
    const int r = announce(object, rows, count, &failed);
    if (r >= 0) [[likely]]
        return {};
    error e = sd_bus_error_is_set(&failed)
                  ? error{failed.name, failed.message ? failed.message : "", "PropertiesChanged"}
                  : error::from_errno(r, nullptr, "PropertiesChanged");
    sd_bus_error_free(&failed);
    return e;
}

} // namespace detail

namespace detail {

/// The value could not be read, for that reason.
[[gnu::cold, gnu::noinline]] inline int explain_value(property_access& access, const error& why) {
    return access.fail(codec::explain(codec::explained, why,
                                      codec::short_text{"the value of %s", access.setting}));
}

/// Moves a Set call, wherever it was read to, to the end of its value: there sd-bus goes on with
/// it.
inline int go_past_value(sd_bus_message* m) {
    char type = 0;
    const char* contents = nullptr;
    int r;
    if ((r = sd_bus_message_rewind(m, 1)) < 0 || (r = sd_bus_message_skip(m, "ss")) < 0 ||
        (r = sd_bus_message_peek_type(m, &type, &contents)) < 0 ||
        (r = sd_bus_message_enter_container(m, type, contents)) < 0)
        return r;
    return sd_bus_message_skip(m, contents);
}

/// Answers a Set that was refused.
[[gnu::cold, gnu::noinline]] inline int fail_to_set(property_access& access, int r,
                                                    const char* property, sd_bus_error* out) {
    const error e = r >= 0 || r == codec::explained
                        ? access.reply_failure
                        : codec::explain(r, {}, codec::short_text{"the value of %s", property});
    if (access.replied) {
        report(e.during(access.deferred ? "in the setter of %s, after deferring the call"
                                        : "in the setter of %s, after its reply",
                        property));
        return already_answered(out);
    }
    // What the caller did wrong is its own affair; what the setter says is not.
    if (access.has_decoded && sd_bus_message_get_expect_reply(access.message) <= 0)
        report(e.during("in the setter of %s, whose caller wants no reply", property));
    return answer_with(out, e);
}

[[gnu::cold, gnu::noinline]] inline void announce_row(exported& object, const sd_bus_vtable* row) {
    const auto index = static_cast<unsigned short>(row - object.rows);
    if (const error e = announce_change(object, &index, 1)) report(e);
}

/// Announces what a Set has changed, if that is to be announced.
inline void announce_set(exported& object, const char* property) {
    const sd_bus_vtable* row = object.property(property);
    if ((row->flags &
         (SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE | SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION)) != 0)
        announce_row(object, row);
}

} // namespace detail

/// What sd-bus calls for every setter, around its typed part. `m` is the Set call, inside its
/// value.
template <class Style>
[[gnu::noinline]] int dispatch_set(sd_bus_message* m, const char* property, void* userdata,
                                   sd_bus_error* out, property_body body) {
    property_access access{m, *static_cast<exported*>(userdata), property};
    access.setting = property;
    int r;
#ifdef __cpp_exceptions
    try {
        r = detail::run_accessor<Style>(access, m, "the setter of ", property, body);
    } catch (...) {
        r = answer_exception(access);
    }
#else
    r = detail::run_accessor<Style>(access, m, "the setter of ", property, body);
#endif
    if (r < 0 || (!access.replied && access.reply_failure)) [[unlikely]]
        return detail::fail_to_set(access, r, property, out);
    // A deferred Set has not succeeded yet: whoever answers it announces the change.
    if (access.on && !access.announced && !access.deferred)
        detail::announce_set(*access.on, property);
    if (!access.tree_changed && !access.replied) [[likely]]
        return 1;
    // sd-bus would dispatch the call again now, and then answer UnknownProperty.
    if (!access.replied && sd_bus_message_get_expect_reply(m) > 0) {
        sd_bus_message* reply = nullptr;
        if (r = sd_bus_message_new_method_return(m, &reply); r >= 0)
            r = traced_send(nullptr, reply);
        sd_bus_message_unref(reply);
        if (r < 0) return detail::answer_with(out, error::from_errno(r));
    }
    return detail::already_answered(out);
}

} // namespace ctbus
