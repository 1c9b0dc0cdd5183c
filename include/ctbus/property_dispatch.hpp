// The life of a property access on the service's side, and of Get and GetAll.
#pragma once

#include <ctbus/dispatch.hpp>
#include <ctbus/value_limits.hpp>

#include <cstdint>
#include <cstring>
#include <systemd/sd-bus.h>
#include <utility>

namespace ctbus {

/// A property access, as its typed part sees it.
struct property_access : running_call {
    void* instance;
    const char* property;
    sd_bus_message* value; // which it is appended to, or read from
    sd_bus_error* out;     // for sd-bus, which answers with it

    /// `call`: that of Set, or null.
    property_access(sd_bus_message* call, void* userdata, const char* name, sd_bus_message* m,
                    sd_bus_error* e)
        : running_call{call, static_cast<exported*>(userdata)}, instance{on->instance},
          property{name}, value{m}, out{e} {
        if (tracing) [[unlikely]]
            sensitive = (on->property(property)->flags & SD_BUS_VTABLE_SENSITIVE) != 0;
    }
};

/// The typed part of a property: appends the value to `m`, or reads it from there and stores it.
using property_body = int (*)(property_access&, sd_bus_message* m);

namespace detail {

/// Hands `e` to sd-bus, which answers the caller with it. (What sd_bus_error_set() returns is the
/// errno of that name; out of memory, it sets that error instead.)
[[gnu::cold, gnu::noinline]] inline int answer_with(sd_bus_error* out, const error& e,
                                                    const char* property = nullptr) {
    const sd_bus_error raw = e.raw();
    if (property) sd_bus_error_setf(out, raw.name, "%s: %s", property, raw.message);
    else sd_bus_error_set(out, raw.name, raw.message); // a copy: sd_bus_error_copy() would borrow
    return -EIO;
}

/// Tells sd-bus that the caller has been answered already. It knows no such result for properties,
/// and would dispatch the call a second time when objects came or went meanwhile (and then answer
/// UnknownProperty). An error that cannot be sent, as its text is not UTF-8, ends its work. Older
/// sd-bus (246) sends it all the same, and buses hang up: there it gets one that is a
/// second answer, which nobody waits for; or the first, where a Set was deferred, which thus fails.
[[gnu::cold]] inline int already_answered(sd_bus_message* call, sd_bus_error* out) {
    static constexpr sd_bus_error unsendable = {SD_BUS_ERROR_FAILED, "\xff", 0},
                                  ignored = {SD_BUS_ERROR_FAILED, "answered already", 0};
    sd_bus_message* made = nullptr;
    const bool refused = sd_bus_message_new_method_error(call, &made, &unsendable) < 0;
    sd_bus_message_unref(made);
    sd_bus_error_free(out);
    *out = refused ? unsendable : ignored;
    return -EIO;
}

[[gnu::cold]] inline int answer_gone(sd_bus_error* out) {
    return answer_with(out, {SD_BUS_ERROR_UNKNOWN_OBJECT, "the object is gone"});
}

[[gnu::cold]] inline int append_all(exported& object, sd_bus_message* reply, sd_bus_error* out,
                                    bool& sensitive) {
    running_call watch{nullptr, &object}; // a getter may destroy the object
    watch.answering_all = true;
    for (const sd_bus_vtable* row = object.rows + 1; row->type != _SD_BUS_VTABLE_END; ++row) {
        if ((row->type != _SD_BUS_VTABLE_PROPERTY &&
             row->type != _SD_BUS_VTABLE_WRITABLE_PROPERTY) ||
            (row->flags & (SD_BUS_VTABLE_HIDDEN | SD_BUS_VTABLE_PROPERTY_EXPLICIT)) != 0)
            continue;
        const auto& p = row->x.property;
        sensitive |= (row->flags & SD_BUS_VTABLE_SENSITIVE) != 0;
        counted_values::add(reply, 32 + std::strlen(p.member) + std::strlen(p.signature));
        int r = sd_bus_message_open_container(reply, 'e', "sv");
        if (r < 0 || (r = sd_bus_message_append_basic(reply, 's', p.member)) < 0 ||
            (r = sd_bus_message_open_container(reply, 'v', p.signature)) < 0 ||
            (r = p.get(object.bus->bus, object.path, object.interface, p.member, reply, &object,
                       out)) < 0)
            return r;
        if (!watch.on) return answer_gone(out);
        if ((r = sd_bus_message_close_container(reply)) < 0 ||
            (r = sd_bus_message_close_container(reply)) < 0)
            return r;
    }
    return 0;
}

/// Answers Get or GetAll in sd-bus's place, because a getter created or destroyed objects.
/// `begun` is the reply that sd-bus has begun; for Get it lacks nothing but its end.
[[gnu::cold, gnu::noinline]] inline int answer_get(running_call& call, sd_bus_message* current,
                                                   sd_bus_message* begun, sd_bus_error* out) {
    int r = 0;
    sd_bus_message* reply = nullptr;
    if (is_properties_call(current, "Get")) {
        r = sd_bus_message_close_container(begun);
        reply = sd_bus_message_ref(begun);
    } else if (!call.on) {
        return answer_gone(out);
    } else {
        const char* wanted = "";
        if ((r = sd_bus_message_rewind(current, 1)) >= 0 &&
            (r = sd_bus_message_read_basic(current, 's', &wanted)) >= 0 &&
            (r = sd_bus_message_new_method_return(current, &reply)) >= 0 &&
            (r = sd_bus_message_open_container(reply, 'a', "{sv}")) >= 0) {
            const counted_values counting{reply, 3};
            for (exported* e = call.on->bus->objects; e && r >= 0; e = e->next) {
                if (std::strcmp(e->path, call.on->path) == 0 &&
                    (*wanted == 0 || std::strcmp(e->interface, wanted) == 0))
                    r = append_all(*e, reply, out, call.sensitive);
                if (r >= 0 && !call.on) r = answer_gone(out);
                if (r < 0) break; // `e` may be gone
            }
            if (r >= 0) r = sd_bus_message_close_container(reply);
        }
    }
    if (r >= 0 && sd_bus_message_get_expect_reply(current) > 0)
        r = traced_send(nullptr, reply, call.sensitive);
    sd_bus_message_unref(reply);
    if (r >= 0) return already_answered(current, out);
    return sd_bus_error_is_set(out) ? r : answer_with(out, error::from_errno(r));
}

} // namespace detail

namespace detail {

/// Runs the typed part of a getter or setter, which is watched.
template <class Style>
[[gnu::cold, gnu::noinline]] int run_watched(property_access& access, const char* kind,
                                             property_body body) {
    return watched<Style>(
        [&] {
            return handler_names{kind, access.on->interface, access.property, access.on->path};
        },
        [&] { return body(access, access.value); });
}
template <class Style>
[[gnu::always_inline]] inline int run_accessor(property_access& access, const char* kind,
                                               property_body body) {
    const auto run = [&] {
        if (watcher) [[unlikely]]
            return run_watched<Style>(access, kind, body);
        return body(access, access.value);
    };
#ifdef __cpp_exceptions
    try {
        return run();
    } catch (...) {
        return answer_exception(access);
    }
#else
    return run();
#endif
}

/// What is rare after a getter: it failed, or changed the tree of objects.
[[gnu::cold, gnu::noinline]] inline int finish_get(property_access& access, int r) {
    sd_bus_message* const current =
        sd_bus_get_current_message(sd_bus_message_get_bus(access.value));
    const bool all =
        (access.outer && access.outer->answering_all) || is_properties_call(current, "GetAll");
    std::uint8_t type = 0;
    const bool announcing =
        sd_bus_message_get_type(access.value, &type) >= 0 && type == SD_BUS_MESSAGE_SIGNAL;
    if (r < 0) {
        const error e =
            r == codec::explained
                ? access.reply_failure
                : codec::explain(r, {}, codec::short_text{"the value of %s", access.property},
                                 SD_BUS_ERROR_FAILED);
        return answer_with(access.out, e, all || announcing ? access.property : nullptr);
    }
    // Within a PropertiesChanged, announce() sends what this getter appended to.
    if (announcing) return access.on ? r : -ESTALE;
    // Within a GetAll that is being answered here already, the outer access does it.
    if (access.outer && access.outer->answering_all) return r;
    if (!all && !is_properties_call(current, "Get")) return access.on ? r : -ESTALE;
    access.answering_all = true;
    return answer_get(access, current, access.value, access.out);
}

/// After a value that was read without a handler could not be appended, with the result `r`.
[[gnu::cold, gnu::noinline]] inline int refuse_value(sd_bus_message* reply, const char* property,
                                                     void* userdata, sd_bus_error* out, int r) {
    property_access access{nullptr, userdata, property, reply, out};
    return finish_get(access, r);
}

} // namespace detail

/// What sd-bus calls for every getter that runs code of the user's, around its typed part.
template <class Style>
[[gnu::noinline]] int dispatch_get(sd_bus_message* reply, const char* property, void* userdata,
                                   sd_bus_error* out, property_body body) {
    union frame {
        property_access access;
        ~frame() {} // a getter that did its work leaves nothing behind
    } of{{nullptr, userdata, property, reply, out}};
    property_access& access = of.access;
    int r = detail::run_accessor<Style>(access, "the getter of ", body);
    if (r >= 0 && !access.tree_changed) [[likely]] {
        access.innermost = access.outer;
        return r;
    }
    r = detail::finish_get(access, r);
    access.~property_access();
    return r;
}

} // namespace ctbus
