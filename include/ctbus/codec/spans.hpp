// Arrays written by a fixed number of sd-bus calls, however many elements they have.
//
// To sd-bus such an array has one element, with one very long text: from the first text that lies
// directly in the first element to the end of the same text of the last one. All between is written
// in place, also that text's true length; what follows in the last element takes plain calls. Thus
// sd-bus still makes the signature, the array's length and all alignment. An element without a text
// (as of `a(ii)`) cannot be written so: sd-bus gives out no room for structs.
#pragma once

#include <ctbus/codec/basic.hpp>
#include <ctbus/codec/layout.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string> // has std::forward_iterator; <iterator> has streams, too
#include <string_view>
#include <systemd/sd-bus.h>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ctbus::codec {

/// How a value is written in three parts: what comes before its first direct text, the text, the
/// rest. `has_text` is false where it has none, or only within arrays and variants.
template <class T, kind = kind_of<T>()>
struct parts {
    static constexpr bool has_text = false;
};

template <class T>
struct text_alone {
    static constexpr bool has_text = true;
    static int before(auto&, const T&) { return 0; }
    static int text(auto& writer, const T& value) { return of<T>::append(writer, value); }
    static int after(auto&, const T&) { return 0; }
};
template <class T>
struct parts<T, kind::string> : text_alone<T> {};
template <class T>
struct parts<T, kind::string_view> : text_alone<T> {};
template <class T>
struct parts<T, kind::named_enumeration> : text_alone<T> {};
template <class T>
    requires(signature_of<T> == "s")
struct parts<T, kind::wire> : text_alone<T> {};

/// The parts of a struct or dict entry (`Type`: as open() takes it) with the fields `Fs`.
template <char Type, class... Fs>
struct parts_of_fields {
private:
    static constexpr std::size_t find() {
        std::size_t at = 0;
        static_cast<void>(((parts<Fs>::has_text || (++at, false)) || ...));
        return at;
    }
    static constexpr std::size_t with_text = find();

public:
    static constexpr bool has_text = with_text < sizeof...(Fs);

    static int before(auto& writer, const Fs&... fields) {
        int r = writer.open(Type, signature_of<Fs...>);
        if (r < 0 || (r = append<0, with_text>(writer, fields...)) < 0) return r;
        return field_parts::before(writer, std::get<with_text>(std::tie(fields...)));
    }
    static int text(auto& writer, const Fs&... fields) {
        return field_parts::text(writer, std::get<with_text>(std::tie(fields...)));
    }
    static int after(auto& writer, const Fs&... fields) {
        int r = field_parts::after(writer, std::get<with_text>(std::tie(fields...)));
        if (r < 0 || (r = append<with_text + 1, sizeof...(Fs)>(writer, fields...)) < 0) return r;
        return writer.close(Type);
    }

private:
    struct none {};
    using field_parts = parts<std::tuple_element_t<with_text, std::tuple<Fs..., none>>, //
                              kind_of<std::tuple_element_t<with_text, std::tuple<Fs..., none>>>()>;

    template <std::size_t First, std::size_t End>
    static int append(auto& writer, const Fs&... fields) {
        int r = 0;
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            static_cast<void>(((I < First || I >= End ||
                                [&] {
                                    if constexpr (I >= First && I < End)
                                        r = of<Fs>::append(writer, fields);
                                    return r >= 0;
                                }()) &&
                               ...));
        }
        (std::index_sequence_for<Fs...>{});
        return r;
    }
};

/// What append_span() says where nothing was written yet and plain calls have to do it.
inline constexpr int not_spanned = -4000;

namespace detail {

/// Whether spans can be used: 1 yes, 0 no, -1 not known yet. Tests set it.
inline int spans_work = -1;

/// Writes a small array so, and reads it back.
[[gnu::cold, gnu::noinline]] inline bool try_span(sd_bus* bus) {
    sd_bus_message* m = nullptr;
    char* space = nullptr;
    constexpr char between[] = "a\0\1\0\2\0\0\0bc"; // of [("a", 1), ("bc", 2)]
    constexpr std::uint32_t size = sizeof between - 1, length = 1;
    std::uint32_t seen = 0;
    const std::uint8_t two = 2;
    const char *a = nullptr, *b = nullptr;
    std::uint8_t y = 0, z = 0;
    const bool work =
        sd_bus_message_new_signal(bus, &m, "/", "ctbus.Span", "Span") >= 0 &&
        sd_bus_message_open_container(m, 'a', "(sy)") >= 0 &&
        sd_bus_message_open_container(m, 'r', "sy") >= 0 &&
        sd_bus_message_append_string_space(m, size, &space) >= 0 &&
        (std::memcpy(&seen, space - 4, 4), seen == size) &&
        (std::memcpy(space - 4, &length, 4), std::memcpy(space, between, size), true) &&
        sd_bus_message_append_basic(m, 'y', &two) >= 0 && sd_bus_message_close_container(m) >= 0 &&
        sd_bus_message_close_container(m) >= 0 && sd_bus_message_seal(m, 1, 0) >= 0 &&
        sd_bus_message_read(m, "a(sy)", 2, &a, &y, &b, &z) > 0 && sd_bus_message_at_end(m, 1) > 0 &&
        std::string_view{a} == "a" && y == 1 && std::string_view{b} == "bc" && z == 2;
    sd_bus_message_unref(m);
    __atomic_store_n(&spans_work, work, __ATOMIC_RELAXED);
    return work;
}

// std::string_view::find() is no constant for GCC 12's sanitizer.
constexpr bool has_descriptor(std::string_view signature) {
    for (char c : signature)
        if (c == 'h') return true;
    return false;
}

inline bool can_span(sd_bus_message* m) {
    const int work = __atomic_load_n(&spans_work, __ATOMIC_RELAXED);
    if (work >= 0) [[likely]]
        return work != 0;
    return try_span(sd_bus_message_get_bus(m));
}

} // namespace detail

namespace detail {

/// What `elements` has between its first and last texts, these included; or what does not fit.
template <class Elements>
[[gnu::flatten, gnu::noinline]] int fill_span(memory_writer& memory, Elements& elements) {
    memory_writer writer = memory; // so that it stays in registers
    const int r = elements.between(writer);
    memory = writer;
    return r;
}

/// How many bytes that is, after `begin` others.
template <class Elements>
[[gnu::flatten, gnu::noinline]] int count_span(int depth, std::size_t begin, std::size_t& size,
                                               Elements& elements) {
    counting_writer count{depth, begin};
    const int r = elements.between(count);
    size = count.size() - begin;
    return r;
}

} // namespace detail

/// Writes an array as described above. `elements` has `before(writer)` for what comes before its
/// first text, `between(writer)`, and `after(writer)` for what follows the last text.
/// `not_spanned`: it wants plain calls.
template <class Elements>
[[gnu::noinline]] int append_span(message_writer& writer, std::string_view contents,
                                  Elements& elements) {
    if (!detail::can_span(writer.get())) return not_spanned;
    const int depth = writer.depth() + 1;
    counting_writer count{depth};
    if (elements.before(count) < 0) return not_spanned;   // plain calls can, or say why not
    const std::size_t begin = (count.size() + 3) / 4 * 4; // of the text's length

    // Most arrays are small: they are written at once, and copied, which is less than to count
    // them.
    char small[8192];
    memory_writer memory;
    memory.begin(small, sizeof small, begin, count.depth());
    std::size_t size = 0; // with the text's length and NUL
    int r = detail::fill_span(memory, elements);
    const bool fits = r >= 0;
    if (fits) size = memory.size(small);
    else if (r != changed || detail::count_span(count.depth(), begin, size, elements) < 0)
        return not_spanned;
    counting_writer all{count.depth(), begin + size};
    if (elements.after(all) < 0) return not_spanned;
    if (all.size() > message_writer::most_in_array) return -EMSGSIZE;

    char* text = nullptr;
    if ((r = writer.open('a', contents)) < 0 || (r = elements.before(writer)) < 0 ||
        (r = writer.text_space(size - 5, &text)) < 0)
        return r;
    if (fits) {
        std::memcpy(text - 4, small, size);
    } else {
        memory.begin(text - 4, size, begin, count.depth());
        if ((r = detail::fill_span(memory, elements)) < 0) return r;
        if (!memory.full()) return changed;
    }
    r = elements.after(writer);
    return r < 0 ? r : writer.close('a');
}

template <class Range>
inline constexpr bool spannable_range =
    std::forward_iterator<decltype(std::declval<const Range&>().begin())>;

/// Two or more elements of a range, as append_span() wants them. `Element` has the parts of one.
template <class Element, class Value, class Iterator, class End>
struct spanned_range {
    Iterator first;
    End end;
    Iterator last = first; // known once between() went through all

    int before(auto& writer) const { return Element::before(writer, as_value(*first)); }
    int between(auto& writer) {
        for (Iterator it = first;;) {
            const Value& value = *it;
            if (const int r = Element::text(writer, value); r < 0) return r;
            Iterator next = it;
            if (!(++next != end)) {
                last = it;
                return 0;
            }
            if (const int r = Element::after(writer, value); r < 0) return r;
            it = next;
            if (const int r = Element::before(writer, as_value(*it)); r < 0) return r;
        }
    }
    int after(auto& writer) const { return Element::after(writer, as_value(*last)); }

private:
    static const Value& as_value(const Value& value) { return value; }
};

namespace detail {

/// Negative: an array of more bytes than D-Bus allows, which sd-bus does not mind.
template <class Element, class Range>
[[gnu::cold, gnu::noinline]] int check_size(const Range& range) {
    if constexpr (spannable_range<Range>) {
        counting_writer count{0};
        for (auto it = range.begin(), end = range.end(); it != end; ++it)
            if (Element::append(count, static_cast<const element_t<Range>&>(*it)) < 0)
                return 0; // what has descriptors is not that large
        return count.size() > message_writer::most_in_array ? -EMSGSIZE : 0;
    } else return -EMSGSIZE; // it can be looked at only once
}

} // namespace detail

/// An array of the elements of `range`. `Element` has the array's `contents`, the parts of an
/// element, and `append(writer, element)`.
template <class Element, class Range>
int append_elements(auto& writer, const Range& range) {
    using element = element_t<Range>;
    if constexpr (std::is_same_v<decltype(writer), message_writer&> && spannable_range<Range> &&
                  Element::has_text && !detail::has_descriptor(Element::contents)) {
        const auto first = range.begin();
        const auto end = range.end();
        auto second = first;
        if (first != end && ++second != end) { // plain calls are as cheap for one
            spanned_range<Element, element, decltype(range.begin()), decltype(range.end())> all{
                first, end};
            const int r = append_span(writer, Element::contents, all);
            if (r != not_spanned) return r;
        }
    }
    constexpr bool sends = std::is_same_v<decltype(writer), message_writer&>;
    std::size_t most = 0;
    if constexpr (sends) most = writer.most_written();
    int r = writer.open('a', Element::contents);
    for (auto it = range.begin(), end = range.end(); r >= 0 && it != end; ++it)
        r = Element::append(writer, static_cast<const element&>(*it));
    if constexpr (sends)
        if (writer.most_written() - most > message_writer::most_in_array && r >= 0) [[unlikely]]
            r = detail::check_size<Element>(range);
    return r < 0 ? r : writer.close('a');
}

} // namespace ctbus::codec
