// The declaration signal<>: a name, the types of its arguments and its options.
#pragma once

#include <ctbus/method.hpp>

#include <string_view>
#include <type_traits>

namespace ctbus {

namespace detail {

struct signal_tag {};

template <class P>
inline constexpr bool is_changeable =
    std::is_reference_v<P> && !std::is_const_v<std::remove_reference_t<P>>;

template <class F>
struct signal_arguments {
    using types = type_list<>;
    static constexpr mistake wrong = mistake::not_a_signal;
};
template <class... Ts>
struct signal_arguments<void(Ts...)> {
    using types = type_list<std::remove_cvref_t<Ts>...>;
    static constexpr mistake wrong = (is_changeable<Ts> || ...)
                                         ? mistake::not_a_signal
                                         : first_mistake(types{}, 0, direction::both);
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
        if (auto m = detail::options_mistake<detail::on_signal, Options...>(); m != mistake::none)
            return m;
        if constexpr (constexpr auto m = detail::signal_arguments<Function>::wrong;
                      m != mistake::none)
            return m;
        else return detail::arguments_mistake(input_names{}, arguments{}, mistake::args_count);
    }
    static constexpr mistake wrong = find();
    static consteval bool judge() {
        if constexpr (wrong == mistake::none) return true;
        else
            return require::sentence<wrong, detail::shown<Name>, Function, options,
                                     detail::nesting_in<arguments>>();
    }
};
template <fixed_string Name, class Function, auto... Options>
inline constexpr signal_declaration<Name, Function, Options...> signal{};

} // namespace ctbus
