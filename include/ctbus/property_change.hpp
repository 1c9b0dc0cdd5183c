// The announcement of changed properties, and Set, which makes them.
#pragma once

#include <ctbus/property_dispatch.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <systemd/sd-bus.h>

namespace ctbus {

namespace detail {

/// Sends one PropertiesChanged for `count` rows of `object`; their values are read now.
inline int announce(exported& object, const unsigned short* rows, std::size_t count,
                    sd_bus_error* out) {
    sd_bus_message* made = nullptr;
    int r = sd_bus_message_new_signal(object.bus->bus, &made, object.path,
                                      "org.freedesktop.DBus.Properties", "PropertiesChanged");
    if (r < 0) return r;
    sd_bus_message* const m = made;
    const counted_values counting{m, 3};
    std::uint64_t flags = 0; // of all of them
    if ((r = sd_bus_message_append_basic(m, 's', object.interface)) < 0 ||
        (r = sd_bus_message_open_container(m, 'a', "{sv}")) < 0)
        return sd_bus_message_unref(m), r;
    for (std::size_t i = 0; i < count && r >= 0; ++i) {
        const sd_bus_vtable& row = object.rows[rows[i]];
        const auto& p = row.x.property;
        flags |= row.flags;
        if ((row.flags & SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE) == 0) continue;
        counted_values::add(m, 512); // with its name and signature
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
    const bool invalidates = (flags & SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION) != 0;
    for (std::size_t i = 0; i < count && invalidates && r >= 0; ++i) {
        const sd_bus_vtable& row = object.rows[rows[i]];
        if ((row.flags & SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION) != 0)
            r = sd_bus_message_append_basic(m, 's', row.x.property.member);
    }
    if (r >= 0) r = sd_bus_message_close_container(m);
    if (r >= 0) r = traced_send(nullptr, m, (flags & SD_BUS_VTABLE_SENSITIVE) != 0);
    sd_bus_message_unref(m);
    return r;
}

/// The error of an announcement that failed with `r`, and with `failed` or none.
[[gnu::cold, gnu::noinline]] inline error announcement_error(int r, sd_bus_error& failed) {
    error e = sd_bus_error_is_set(&failed)
                  ? error{failed.name, failed.message ? failed.message : "", "PropertiesChanged"}
                  : error::from_errno(r, nullptr, "PropertiesChanged");
    sd_bus_error_free(&failed);
    return e;
}

// A setter that announces its own property has done what would follow.
[[gnu::noinline]] inline void note_announced(const exported& object, const unsigned short* rows,
                                             std::size_t count) {
    for (running_call* call = running_call::innermost; call; call = call->outer)
        if (call->on == &object && call->setting)
            for (std::size_t i = 0; i < count; ++i)
                if (std::strcmp(object.rows[rows[i]].x.property.member, call->setting) == 0)
                    call->announced = true;
}

/// The announcement as `changed` makes it: the failure comes back as an error.
inline error announce_change(exported& object, const unsigned short* rows, std::size_t count) {
    if (running_call::innermost) [[unlikely]]
        note_announced(object, rows, count);
    if (object.bus) object.bus->check_thread();
    sd_bus_error failed{};
    const int r = announce(object, rows, count, &failed);
    if (r < 0) [[unlikely]]
        return announcement_error(r, failed);
    return {};
}

} // namespace detail

namespace detail {

/// The value could not be read, for that reason.
[[gnu::cold, gnu::noinline]] inline int explain_value(property_access& access, const error& why) {
    access.reply_failure =
        codec::explain(codec::explained, why, codec::short_text{"the value of %s", access.setting});
    return codec::explained;
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
[[gnu::cold, gnu::noinline]] inline int fail_to_set(property_access& access, int r) {
    error e = r >= 0 || r == codec::explained
                  ? access.reply_failure
                  : codec::explain(r, {}, codec::short_text{"the value of %s", access.property});
    // Thrown by a wire<T>::from, as for an argument.
    if (access.failed && !access.has_decoded &&
        std::strcmp(e.name().data(), SD_BUS_ERROR_FAILED) == 0)
        e = error::format(SD_BUS_ERROR_INVALID_ARGS, EINVAL, "the value of %s: %s", access.property,
                          e.message().data());
    if (access.replied) {
        report(e.during(access.deferred ? "in the setter of %s, after deferring the call"
                                        : "in the setter of %s, after its reply",
                        access.property));
        return already_answered(access.message, access.out);
    }
    // What the caller did wrong is its own affair; what the setter says is not.
    if (access.has_decoded && sd_bus_message_get_expect_reply(access.message) <= 0)
        report(e.during("in the setter of %s, whose caller wants no reply", access.property));
    return answer_with(access.out, e);
}

/// Announces what a Set has changed, if that is to be announced.
inline void announce_set(exported& object, const char* property) {
    const sd_bus_vtable* row = object.property(property);
    if ((row->flags &
         (SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE | SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION)) == 0)
        return;
    const auto index = static_cast<unsigned short>(row - object.rows);
    sd_bus_error failed{};
    const int r = announce(object, &index, 1, &failed);
    if (r < 0) [[unlikely]]
        report(announcement_error(r, failed));
}

} // namespace detail

/// What sd-bus calls for every setter, around its typed part. `m` is the Set call, inside its
/// value.
template <class Style>
[[gnu::noinline]] int dispatch_set(sd_bus_message* m, const char* property, void* userdata,
                                   sd_bus_error* out, property_body body) {
    property_access access{m, userdata, property, m, out};
    access.setting = property;
    int r = detail::run_accessor<Style>(access, "the setter of ", body);
    if (r < 0 || (!access.replied && access.reply_failure)) [[unlikely]]
        return detail::fail_to_set(access, r);
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
    return detail::already_answered(m, out);
}

} // namespace ctbus
