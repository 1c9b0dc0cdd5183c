// The declaration signal<>: a name, the types of its arguments and its options.
#pragma once

#include <ctbus/method.hpp>

#include <string_view>
#include <type_traits>

namespace ctbus {

namespace detail {

struct signal_tag {};

template <class F>
struct signal_arguments {
    using types = type_list<>;
    static constexpr mistake wrong = mistake::not_a_signal;
};
template <class... Ts>
struct signal_arguments<void(Ts...)> {
    using types = type_list<std::remove_cvref_t<Ts>...>;
    static consteval mistake find() {
        if (((std::is_reference_v<Ts> && !std::is_const_v<std::remove_reference_t<Ts>>) || ...))
            return mistake::not_a_signal;
        if (auto m = first_mistake(types{}, 0, direction::both); m != mistake::none) return m;
        return signature_mistake(types{});
    }
    static constexpr mistake wrong = find();
};

} // namespace detail

/// signal<"Name", void(Arguments...), options...> of an interface or a vtable.
template <fixed_string Name, class Function, auto... Options>
struct signal_declaration {
    using tag = detail::signal_tag;
    using options = detail::options_of<Options...>;
    using arguments = typename detail::signal_arguments<Function>::types;
    using input_names = decltype(detail::names_in(options{}));

    static constexpr std::string_view name = Name.view();
    static constexpr const char* c_name = Name.c_str();
    static constexpr std::string_view signature = detail::signature_of_list<arguments>;
    static constexpr const char* names =
        detail::names_text<input_names, option::names<>, arguments::size, 0>::value.text;

    template <class>
    using spec = signal_declaration;

    static consteval mistake find() {
        if (member_name_rules::check(name) != name_fault::none) return mistake::bad_member_name;
        if (auto m = detail::signal_arguments<Function>::wrong; m != mistake::none) return m;
        if (input_names::count != 0 && input_names::count != arguments::size)
            return mistake::args_count;
        return detail::are_member_names(input_names{}) ? mistake::none : mistake::bad_argument_name;
    }
    static constexpr mistake wrong = find();
    static consteval bool judge() {
        return require::sentence<wrong, detail::member<Name>, Function>();
    }
};
template <fixed_string Name, class Function, auto... Options>
inline constexpr signal_declaration<Name, Function, Options...> signal{};

} // namespace ctbus
