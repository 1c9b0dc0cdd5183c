// Arrays written by a fixed number of sd-bus calls, however many elements they have.
//
// To sd-bus such an array has one element, with one very long text (or array of numbers): from the
// first that lies directly in the first element, its anchor, to the end of the same field of the
// last one. All between is written in place, also the anchor's true length; what follows in the
// last element takes plain calls. Thus sd-bus still makes the signature, the array's length and all
// alignment. An element without an anchor (as of `a(ii)`) cannot be written so: sd-bus gives out no
// room for structs.
#pragma once

#include <ctbus/codec/basic.hpp>
#include <ctbus/codec/layout.hpp>
#include <ctbus/codec/numbers.hpp>
#include <ctbus/codec/span_check.hpp>

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

/// How a value is written in three parts: what comes before its anchor, the anchor, the rest.
/// `anchor_type` is 's', or the type of the numbers; 0 where there is none, or only within other
/// arrays and variants.
template <class T, kind = kind_of<T>()>
struct parts {
    static constexpr char anchor_type = 0;
};

template <class T, char Type>
struct anchor_alone {
    static constexpr char anchor_type = Type;
    static int before(auto&, const T&) { return 0; }
    static int anchor(auto& writer, const T& value) { return of<T>::append(writer, value); }
    static int after(auto&, const T&) { return 0; }
};
template <class T>
struct parts<T, kind::string> : anchor_alone<T, 's'> {};
template <class T>
struct parts<T, kind::string_view> : anchor_alone<T, 's'> {};
template <class T>
struct parts<T, kind::named_enumeration> : anchor_alone<T, 's'> {};
template <class T>
    requires bulk_on_the_way<element_t<T>>
struct parts<T, kind::array> : anchor_alone<T, of<travelling_number<element_t<T>>>::code> {
};
template <class T>
    requires std::is_base_of_v<
        anchor_alone<typename wire<T>::type, parts<typename wire<T>::type>::anchor_type>,
        parts<typename wire<T>::type>>
struct parts<T, kind::wire> : anchor_alone<T, parts<typename wire<T>::type>::anchor_type> {
};

/// The parts of a struct or dict entry (`Type`: as open() takes it) with the fields `Fs`.
template <char Type, class... Fs>
struct parts_of_fields {
private:
    static constexpr std::size_t find() {
        std::size_t at = 0;
        static_cast<void>(((parts<Fs>::anchor_type != 0 || (++at, false)) || ...));
        return at;
    }
    static constexpr std::size_t anchored = find();
    using field_parts = parts<std::tuple_element_t<anchored, std::tuple<Fs..., void>>>;

public:
    static constexpr char anchor_type = field_parts::anchor_type;

    static int before(auto& writer, const Fs&... fields) {
        int r = writer.open(Type, signature_of<Fs...>);
        if (r < 0 || (r = append<0, anchored>(writer, fields...)) < 0) return r;
        return field_parts::before(writer, std::get<anchored>(std::tie(fields...)));
    }
    static int anchor(auto& writer, const Fs&... fields) {
        return field_parts::anchor(writer, std::get<anchored>(std::tie(fields...)));
    }
    static int after(auto& writer, const Fs&... fields) {
        int r = field_parts::after(writer, std::get<anchored>(std::tie(fields...)));
        if (r < 0 || (r = append<anchored + 1, sizeof...(Fs)>(writer, fields...)) < 0) return r;
        return writer.close(Type);
    }

private:
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

// std::string_view::find() is no constant for GCC 12's sanitizer.
constexpr bool has_descriptor(std::string_view signature) {
    for (char c : signature)
        if (c == 'h') return true;
    return false;
}

} // namespace detail

namespace detail {

/// What `elements` has between its first and last anchors, these included; or what does not fit.
template <class Elements>
[[gnu::flatten, gnu::noinline]] int fill_span(memory_writer& memory, Elements& elements) {
    memory_writer writer = memory; // so that it stays in registers
    const int r = elements.between(writer);
    memory = writer;
    return r;
}

/// How many bytes that is, after `begin` others.
template <class Elements>
[[gnu::flatten, gnu::noinline]] int count_span(int depth, std::uint64_t begin, std::uint64_t& size,
                                               Elements& elements) {
    counting_writer count{depth, begin};
    const int r = elements.between(count);
    size = count.size() - begin;
    return r;
}

} // namespace detail

/// Writes an array as described above. `elements` has `anchor_type`, `before(writer)` for what
/// comes before its first anchor, `between(writer)`, and `after(writer)` for what follows the last
/// anchor. `not_spanned`: it wants plain calls.
template <class Elements>
[[gnu::noinline]] int append_span(message_writer& writer, std::string_view contents,
                                  Elements& elements) {
    constexpr char type = Elements::anchor_type;
    if (!detail::can_span(writer.get())) return not_spanned;
    if (detail::alignment_of(type) == 8 && !writer.lies_together()) return not_spanned;
    const int depth = writer.depth() + 1;
    counting_writer count{depth};
    if (elements.before(count) < 0) return not_spanned; // plain calls can, or say why not
    // The anchor's length is laid out as if it stood right before its contents, from where on all
    // is in the same place in any case.
    count.raw(4, nullptr, 4);
    count.raw(detail::alignment_of(type), nullptr, 0);
    const std::uint64_t before = count.size() - 4;
    const auto begin = static_cast<std::size_t>(before); // where it matters, they are equal

    // Most arrays are small: they are written at once, and copied, which is less than to count
    // them.
    char first[8192];
    memory_writer memory;
    memory.begin(first, sizeof first, begin, count.depth());
    std::uint64_t counted = 0; // with the anchor's length, and a text's NUL
    int r = detail::fill_span(memory, elements);
    const bool fits = r >= 0;
    if (fits) counted = memory.size(first);
    else if (r != changed || detail::count_span(count.depth(), before, counted, elements) < 0)
        return not_spanned;
    counting_writer all{count.depth(), before + counted};
    if (elements.after(all) < 0) return not_spanned;
    if (all.size() > message_writer::most_in_array) return -EMSGSIZE;
    const auto size = static_cast<std::size_t>(counted);

    char* space = nullptr;
    if ((r = writer.open('a', contents)) < 0 || (r = elements.before(writer)) < 0 ||
        (r = writer.space(type, size - 4, &space)) < 0)
        return r;
    char* const length =
        detail::length_before(space, static_cast<std::uint32_t>(type == 's' ? size - 5 : size - 4));
    if (fits) {
        std::memcpy(space - 4, first, size);
    } else {
        memory.begin(space - 4, size, begin, count.depth());
        if ((r = detail::fill_span(memory, elements)) < 0) return r;
        if (!memory.full()) return changed;
    }
    if (length != space - 4) {
        std::memcpy(length, space - 4, 4);
        std::memset(space - 4, 0, 4); // the gap
    }
    r = elements.after(writer);
    return r < 0 ? r : writer.close('a');
}

template <class Range>
concept spannable_range = contiguous_range<Range> ||
    std::forward_iterator<decltype(std::declval<const Range&>().begin())>;

/// Two or more elements of a range, as append_span() wants them. `Element` has the parts of one.
template <class Element, class Value, class Iterator, class End>
struct spanned_range {
    Iterator first;
    End end;
    Iterator last = first; // known once between() went through all
    static constexpr char anchor_type = Element::anchor_type;

    int before(auto& writer) const { return Element::before(writer, as_value(*first)); }
    int between(auto& writer) {
        for (Iterator it = first;;) {
            const Value& value = *it;
            if (const int r = Element::anchor(writer, value); r < 0) return r;
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

/// Negative: an array, or with it a message, of more bytes than D-Bus allows, which sd-bus does not
/// mind. A range that can be looked at only once is taken for as large as it might be.
template <class Element, class Range>
[[gnu::cold, gnu::noinline]] int check_size(message_writer& writer,
                                            const message_writer::array_mark& written,
                                            const Range& range) {
    if constexpr (spannable_range<Range>) {
        counting_writer count{0};
        auto [it, end] = ends_of(range);
        for (; it != end; ++it)
            if (Element::append(count, static_cast<const element_t<Range>&>(*it)) < 0)
                return 0; // what has descriptors is not that large
        return writer.settle(written, count.size());
    } else return writer.settle(written, writer.most_written() - written.before);
}

} // namespace detail

/// An array of the elements of `range`. `Element` has the array's `contents`, the parts of an
/// element, and `append(writer, element)`.
template <class Element, class Range>
int append_elements(auto& writer, const Range& range) {
    using element = element_t<Range>;
    if constexpr (std::is_same_v<decltype(writer), message_writer&> && spannable_range<Range> &&
                  Element::anchor_type != 0 && !detail::has_descriptor(Element::contents)) {
        const auto [first, end] = ends_of(range);
        auto second = first;
        if (first != end && ++second != end) { // plain calls are as cheap for one
            spanned_range<Element, element, std::remove_const_t<decltype(first)>,
                          std::remove_const_t<decltype(end)>>
                all{first, end};
            const int r = append_span(writer, Element::contents, all);
            if (r != not_spanned) return r;
        }
    }
    constexpr bool sends = std::is_same_v<decltype(writer), message_writer&>;
    message_writer::array_mark written{};
    if constexpr (sends) written = writer.begin_elements();
    int r = writer.open('a', Element::contents);
    for (auto [it, end] = ends_of(range); r >= 0 && it != end; ++it)
        r = Element::append(writer, static_cast<const element&>(*it));
    if constexpr (sends)
        if (writer.end_elements(written) && r >= 0) [[unlikely]]
            r = detail::check_size<Element>(writer, written, range);
    return r < 0 ? r : writer.close('a');
}

} // namespace ctbus::codec
