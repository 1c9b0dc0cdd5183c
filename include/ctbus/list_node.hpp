// A member of a list that it can leave at any time, wherever the list's head is.
#pragma once

namespace ctbus {

/// Base of `T`. A list is a `T*`, null when it is empty; the newest comes first.
template <class T>
struct list_node {
    T* next = nullptr;
    T** held_by = nullptr; // the pointer that points here; null: in no list

    void enter(T*& list) {
        next = list;
        if (next) next->held_by = &next;
        held_by = &list;
        list = static_cast<T*>(this);
    }
    void leave() {
        if (!held_by) return;
        *held_by = next;
        if (next) next->held_by = held_by;
        held_by = nullptr;
    }
};

} // namespace ctbus
