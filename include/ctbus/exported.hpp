// One exported interface as sd-bus's userdata, and what of its handlers has not ended yet.
#pragma once

#include <ctbus/list_node.hpp>

#include <cstring>
#include <systemd/sd-bus.h>

namespace ctbus {

struct bus_state;

/// Something on its way that nobody but the connection, or an object, holds.
struct detached_work : list_node<detached_work> {
    void (*lost)(detached_work*) = nullptr; // its holder is gone: ends and destroys it
    void (*destroy)(detached_work*) = nullptr;

    static void lose_all(detached_work*& list) {
        while (detached_work* first = list) {
            first->leave();
            first->lost(first);
        }
    }

    /// Of one that has come to its end: it leaves its holder now, and is destroyed with this.
    struct end_of {
        detached_work* work; // may be null
        explicit end_of(detached_work* w) : work{w} {
            if (work) work->leave();
        }
        ~end_of() {
            if (work) work->destroy(work);
        }
    };
};

/// One interface of one object, as sd-bus's userdata. It does not move while it is exported.
struct exported {
    sd_bus_slot* slot = nullptr;
    void* instance = nullptr;
    const sd_bus_vtable* rows = nullptr; // null in a raw_object, as the interface and the path
    const char* interface = nullptr;
    const char* path = nullptr;
    bus_state* bus = nullptr;
    exported* next = nullptr;
    exported* previous = nullptr;
    detached_work* tasks = nullptr; // coroutines of its handlers that have not ended

    /// The row of that method or property, or null. Both may have the same name.
    const sd_bus_vtable* method(const char* name) const {
        return row_of_text(name, _SD_BUS_VTABLE_METHOD, _SD_BUS_VTABLE_METHOD);
    }
    [[gnu::noinline]] const sd_bus_vtable* property(const char* name) const {
        constexpr char one = _SD_BUS_VTABLE_PROPERTY, other = _SD_BUS_VTABLE_WRITABLE_PROPERTY;
        // For a property sd-bus passes on the name that is in the row: text is compared rarely.
        for (const sd_bus_vtable* r = rows; r && r->type != _SD_BUS_VTABLE_END; ++r)
            if (r->x.property.member == name && (r->type == one || r->type == other)) return r;
        return row_of_text(name, one, other);
    }
    /// The row of a member, of one type or another.
    [[gnu::cold, gnu::noinline]] const sd_bus_vtable* row_of_text(const char* name, char type,
                                                                  char or_type) const {
        for (const sd_bus_vtable* r = rows; r && r->type != _SD_BUS_VTABLE_END; ++r)
            if ((r->type == type || r->type == or_type) &&
                std::strcmp(r->x.method.member, name) == 0) // first in every kind of row
                return r;
        return nullptr; // a raw_object has no rows
    }
};

} // namespace ctbus
