// The fields of an aggregate: how many, of which types, and their names. No macro needed.
#pragma once

#include <ctbus/codec/shapes.hpp>
#include <ctbus/function.hpp>

#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ctbus::codec {

inline constexpr std::size_t max_fields = 32;

namespace detail {

// Stands for any initialiser of a field. Never called, but some constructors (std::optional's) want
// a definition.
struct any_field {
    template <class T>
    operator T&() const& {
        __builtin_unreachable();
    }
    template <class T>
    operator T&&() const&& {
        __builtin_unreachable();
    }
};

// Initialises a base class.
template <class Aggregate>
struct any_base {
    template <class T>
        requires(std::is_base_of_v<T, Aggregate> && !std::is_same_v<T, Aggregate>)
    operator T&&() const&&;
};

// Initialises only what takes anything.
struct nothing {};

template <class Any, std::size_t>
using repeat = Any;

template <class T, std::size_t... I>
constexpr bool takes(std::index_sequence<I...>) {
    return requires {
        T{repeat<any_field, I>{}...};
    };
}

// Whether after the fields `Before` comes one that takes `Value`, not just anything (std::any).
template <class T, class Value, std::size_t... Before, std::size_t... After>
constexpr bool takes_only(std::index_sequence<Before...>, std::index_sequence<After...>) {
    return requires {
        T{repeat<any_field, Before>{}..., Value{}, repeat<any_field, After>{}...};
        requires !requires {
            T{repeat<any_field, Before>{}..., nothing{}, repeat<any_field, After>{}...};
        };
    };
}

// A field in braces of its own: {a, b, {c}, d, ...}.
template <class T, std::size_t... Before, std::size_t... After>
constexpr bool takes_braced(std::index_sequence<Before...>, std::index_sequence<After...>) {
    return requires {
        T{repeat<any_field, Before>{}..., {any_field{}}, repeat<any_field, After>{}...};
    };
}

template <class T, std::size_t N>
constexpr std::size_t count_up() {
    if constexpr (N > max_fields || !takes<T>(std::make_index_sequence<N + 1>{})) return N;
    else return count_up<T, N + 1>();
}

// Too few need not be possible (a reference has to be initialised): those that are possible follow
// one another. No more than the size allows, but for bit-fields.
template <class T, std::size_t N = 0>
constexpr std::size_t count_initialisers() {
    if constexpr (takes<T>(std::make_index_sequence<N>{})) return count_up<T, N>();
    else if constexpr (N < max_fields && N < sizeof(T)) return count_initialisers<T, N + 1>();
    else return 0;
}

template <class T, std::size_t Count, std::size_t... I>
constexpr bool has_array(std::index_sequence<I...>) {
    // Where an array begins, braces around one initialiser leave too few places for the others.
    return ((takes_braced<T>(std::make_index_sequence<I>{}, std::index_sequence<>{}) &&
             !takes_braced<T>(std::make_index_sequence<I>{},
                              std::make_index_sequence<Count - I - 1>{})) ||
            ...);
}

// Structured bindings fail hard at an anonymous union, so it has to be told before. GCC 12 takes it
// in braces only, so that field_count ends there; GCC 13 and Clang take it as any other union.
#if defined __clang__ || __GNUC__ > 12
struct any_union {
    template <class T>
        requires(std::is_union_v<T> && !wired<T>)
    operator T&&() const&& { __builtin_unreachable(); }
};

template <class T, std::size_t Count, std::size_t... I>
constexpr bool has_union(std::index_sequence<I...>) {
    return (takes_only<T, any_union>(std::make_index_sequence<I>{},
                                     std::make_index_sequence<Count - I - 1>{}) ||
            ...);
}
#else
template <class T, std::size_t, std::size_t... I>
constexpr bool has_union(std::index_sequence<I...> all) {
    return takes_braced<T>(all, std::index_sequence<>{});
}
#endif

} // namespace detail

/// The number of initialisers that the aggregate takes, at most max_fields + 1.
template <class T>
inline constexpr std::size_t field_count = detail::count_initialisers<T>();

template <class T>
inline constexpr bool has_array_field =
    detail::has_array<T, field_count<T>>(std::make_index_sequence<field_count<T>>{});

/// Whether a field is an anonymous union, or perhaps another one.
template <class T>
inline constexpr bool has_union_field =
    detail::has_union<T, field_count<T>>(std::make_index_sequence<field_count<T>>{});

template <class T>
inline constexpr bool has_base =
    detail::takes_only<T, detail::any_base<T>>(std::index_sequence<>{}, std::index_sequence<>{});

/// Calls `f(field...)` with the fields of `value` (`T` or `const T`). Structured bindings are the
/// only way to reach them, and those want their number in the source text.
template <class T, class F>
constexpr decltype(auto) with_fields(T& value, F&& f) {
    constexpr std::size_t n = field_count<std::remove_const_t<T>>;
    // clang-format off
    // In groups, for each `else` is one more scope in which the compiler looks for names.
    if constexpr (n <= 8) {
        if constexpr (n == 1) { auto& [a] = value; return f(a); }
        else if constexpr (n == 2) { auto& [a, b] = value; return f(a, b); }
        else if constexpr (n == 3) { auto& [a, b, c] = value; return f(a, b, c); }
        else if constexpr (n == 4) { auto& [a, b, c, d] = value; return f(a, b, c, d); }
        else if constexpr (n == 5) { auto& [a, b, c, d, e] = value; return f(a, b, c, d, e); }
        else if constexpr (n == 6) { auto& [a, b, c, d, e, g] = value; return f(a, b, c, d, e, g); }
        else if constexpr (n == 7) { auto& [a, b, c, d, e, g, h] = value; return f(a, b, c, d, e, g, h); }
        else if constexpr (n == 8) { auto& [a, b, c, d, e, g, h, i] = value; return f(a, b, c, d, e, g, h, i); }
    }
    else if constexpr (n <= 16) {
        if constexpr (n == 9) {
            auto& [a, b, c, d, e, g, h, i, j] = value;
            return f(a, b, c, d, e, g, h, i, j);
        }
        else if constexpr (n == 10) {
            auto& [a, b, c, d, e, g, h, i, j, k] = value;
            return f(a, b, c, d, e, g, h, i, j, k);
        }
        else if constexpr (n == 11) {
            auto& [a, b, c, d, e, g, h, i, j, k, l] = value;
            return f(a, b, c, d, e, g, h, i, j, k, l);
        }
        else if constexpr (n == 12) {
            auto& [a, b, c, d, e, g, h, i, j, k, l, m] = value;
            return f(a, b, c, d, e, g, h, i, j, k, l, m);
        }
        else if constexpr (n == 13) {
            auto& [a, b, c, d, e, g, h, i, j, k, l, m, o] = value;
            return f(a, b, c, d, e, g, h, i, j, k, l, m, o);
        }
        else if constexpr (n == 14) {
            auto& [a, b, c, d, e, g, h, i, j, k, l, m, o, p] = value;
            return f(a, b, c, d, e, g, h, i, j, k, l, m, o, p);
        }
        else if constexpr (n == 15) {
            auto& [a, b, c, d, e, g, h, i, j, k, l, m, o, p, q] = value;
            return f(a, b, c, d, e, g, h, i, j, k, l, m, o, p, q);
        }
        else if constexpr (n == 16) {
            auto& [a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r] = value;
            return f(a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r);
        }
    }
    else if constexpr (n <= 24) {
        if constexpr (n == 17) {
            auto& [a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s] = value;
            return f(a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s);
        }
        else if constexpr (n == 18) {
            auto& [a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t] = value;
            return f(a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t);
        }
        else if constexpr (n == 19) {
            auto& [a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u] = value;
            return f(a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u);
        }
        else if constexpr (n == 20) {
            auto& [a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v] = value;
            return f(a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v);
        }
        else if constexpr (n == 21) {
            auto& [a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w] = value;
            return f(a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w);
        }
        else if constexpr (n == 22) {
            auto& [a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x] = value;
            return f(a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x);
        }
        else if constexpr (n == 23) {
            auto& [a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y] = value;
            return f(a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y);
        }
        else if constexpr (n == 24) {
            auto& [a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z] = value;
            return f(a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z);
        }
    }
    else if constexpr (n <= 32) {
        if constexpr (n == 25) {
            auto& [a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa] = value;
            return f(a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa);
        }
        else if constexpr (n == 26) {
            auto& [a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab] = value;
            return f(a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab);
        }
        else if constexpr (n == 27) {
            auto& [a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab, ac] = value;
            return f(a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab, ac);
        }
        else if constexpr (n == 28) {
            auto& [a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab, ac, ad] = value;
            return f(a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab, ac, ad);
        }
        else if constexpr (n == 29) {
            auto& [a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab, ac, ad, ae] = value;
            return f(a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab, ac, ad, ae);
        }
        else if constexpr (n == 30) {
            auto& [a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab, ac, ad, ae, af] = value;
            return f(a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab, ac, ad, ae, af);
        }
        else if constexpr (n == 31) {
            auto& [a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab, ac, ad, ae, af, ag] = value;
            return f(a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab, ac, ad, ae, af, ag);
        }
        else if constexpr (n == 32) {
            auto& [a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab, ac, ad, ae, af, ag, ah] = value;
            return f(a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab, ac, ad, ae, af, ag, ah);
        }
    }
    // clang-format on
}

namespace detail {

struct list_types {
    template <class... Fields>
    constexpr type_list<Fields...> operator()(Fields&...) const {
        return {};
    }
};

template <class T>
struct holder {
    T value;
};

#pragma GCC diagnostic push
#ifdef __clang__ // only the addresses of its fields are ever used, and only at compile time
#pragma clang diagnostic ignored "-Wundefined-var-template"
#pragma clang diagnostic ignored "-Wundefined-internal"
#endif
template <class T>
extern const holder<T> nowhere;

struct takes_references {
    constexpr bool operator()(const auto&...) const { return true; }
};
// A reference to a field is a constant. One to a bit-field would be to a copy of its value.
template <class T>
concept referable_fields = requires {
    typename std::bool_constant<with_fields(nowhere<T>.value, takes_references{})>;
};
#pragma GCC diagnostic pop

} // namespace detail

/// Whether the aggregate, which has no references, has a bit-field.
template <class T>
inline constexpr bool has_bit_field = !detail::referable_fields<T>;

/// The types of an aggregate's fields, as a type_list.
template <class T>
using field_types = decltype(with_fields(std::declval<T&>(), detail::list_types{}));

} // namespace ctbus::codec
