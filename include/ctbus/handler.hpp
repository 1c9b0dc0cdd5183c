// A method's way through C++: read the inputs, call the handler, write the outputs.
#pragma once

#include <ctbus/dispatch.hpp>
#include <ctbus/shape.hpp>

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

struct nothing {}; // in the place of what is no value
struct promise {}; // in the place of a deferred reply

/// One of several values of a class; value-initialised.
template <std::size_t, class T>
struct element {
    T value = T();
};

struct no_codec {
    static int read(auto&, auto&) { return 1; }
    static int append(auto&, const nothing&) { return 0; }
};
template <class P>
inline constexpr bool is_input = part_of<P>() == part::input;
template <class P>
using input_codec = std::conditional_t<is_input<P>, codec::of<std::remove_cvref_t<P>>, no_codec>;
template <class T>
using output_codec = std::conditional_t<std::is_same_v<T, nothing>, no_codec, codec::of<T>>;

} // namespace detail

/// The typed part of handlers of type `Function`, of a vtable that serves `S`: of the one handler
/// `F`, or, without one, of all that the call names. `Style` keeps the functions of both exception
/// modes apart.
template <class Function, class S, class Style, auto... F>
struct method_body_of {
    using function = Function;
    using shape = typename detail::shape_of<function, S>::type;

    static int body(incoming& call) {
        if constexpr (later_result<typename shape::result>) {
            return shape::result::template serve<method_body_of, Style>(call);
        } else if constexpr (keeps_arguments(typename shape::parameters{})) {
            struct kept : kept_arguments {
                arguments values;
            };
            auto* made = new kept;
            made->destroy = [](kept_arguments* k) { delete static_cast<kept*>(k); };
            const kept_arguments::share share{call.kept = made};
            return run(call, made->values);
        } else {
            arguments values;
            return run(call, values);
        }
    }

private:
    static constexpr bool is_later = later_result<typename shape::result>;

    // Makes what is handed over by value where the handler has it.
    template <class T>
    struct maker {
        incoming& call;
        operator T() const {
            if constexpr (std::is_same_v<T, message>) return message{call.message};
            else return T::of(call);
        }
    };

    template <class P, detail::part = detail::part_of<P>()>
    struct place {
        using type = codec::slot<std::remove_cvref_t<P>>;
    };
    template <class P>
    struct place<P, detail::part::message> {
        // A coroutine may hold on to a reference.
        using type = std::conditional_t<is_later, message, detail::nothing>;
    };
    template <class P>
    struct place<P, detail::part::deferred> {
        using type = detail::promise;
    };
    template <class P>
    using stored = typename place<P>::type;

    // Whether a deferred reply has to keep decoded arguments: the handler has copies of others, and
    // what those borrow is in the message or in the call's memory.
    template <class... Ps>
    static consteval bool keeps_arguments(type_list<Ps...>) {
        return shape::defers &&
               ((detail::part_of<Ps>() == detail::part::input && std::is_reference_v<Ps>) || ...);
    }

    // What is decoded, and how the handler is called with it. This is compiled for each method, so
    // it has few functions, and no std::tuple.
    template <class, class>
    struct decoded;
    template <std::size_t... I, class... Ps>
    struct decoded<std::index_sequence<I...>, type_list<Ps...>>
        : detail::element<I, stored<Ps>>... {
        template <detail::part Part>
        static constexpr bool has = ((detail::part_of<Ps>() == Part) || ...);

        /// Negative: an errno or a fault.
        int read(incoming& call) {
            int r = 1;
            static_cast<void>(((call.argument += detail::is_input<Ps>,
                                r = detail::input_codec<Ps>::read(
                                    call.reader, detail::element<I, stored<Ps>>::value),
                                r > 0) &&
                               ...));
            if (r <= 0) [[unlikely]]
                return r < 0 ? r : -ENXIO;
            call.argument = 0;
            // Who takes the message too may read it from its start.
            if constexpr (has<detail::part::input> && has<detail::part::message>)
                if (r = sd_bus_message_rewind(call.message, 1); r < 0) return r;
            return 1;
        }
        decltype(auto) invoke(incoming& call) {
            if constexpr (std::is_member_function_pointer_v<function>)
                return (static_cast<S*>(call.instance)->*handler_of(call))(
                    pass<Ps>(call, detail::element<I, stored<Ps>>::value)...);
            else if constexpr (detail::shape_of<function, S>::takes_instance)
                return handler_of(call)(*static_cast<S*>(call.instance),
                                        pass<Ps>(call, detail::element<I, stored<Ps>>::value)...);
            else return handler_of(call)(pass<Ps>(call, detail::element<I, stored<Ps>>::value)...);
        }
        /// Fills the reply with what the handler returned, and with the outputs.
        template <class... R>
        int answer(incoming& call, R&&... returned) {
            if constexpr (((is_result<std::remove_cvref_t<R>> ||
                            detail::is_tuple<std::remove_cvref_t<R>>) ||
                           ...))
                return reply_returned(call, std::forward<R>(returned)...,
                                      write<Ps>(detail::element<I, stored<Ps>>::value)...);
            else if constexpr (has<detail::part::output>)
                return reply(call, returned...,
                             write<Ps>(detail::element<I, stored<Ps>>::value)...);
            else return reply(call, returned...);
        }
    };

public:
    using arguments =
        decoded<std::make_index_sequence<shape::parameters::size>, typename shape::parameters>;

private:
    static int run(incoming& call, arguments& values) {
        if (const int r = values.read(call); r < 0) return r;
        if constexpr (std::is_void_v<typename shape::result>) {
            values.invoke(call);
            return values.answer(call);
        } else {
            return values.answer(call, values.invoke(call));
        }
    }

    static function handler_of([[maybe_unused]] incoming& call) {
        if constexpr (sizeof...(F) != 0) return (F, ...);
        else return call.function.template as<function>();
    }

    template <class P, class T>
    static decltype(auto) pass([[maybe_unused]] incoming& call, T& value) {
        if constexpr (std::is_same_v<T, detail::nothing> && std::is_reference_v<P>)
            return detail::lent_message{call.message};
        else if constexpr (std::is_same_v<T, detail::nothing> || std::is_same_v<T, detail::promise>)
            return maker<std::remove_cv_t<P>>{call};
        else if constexpr (std::is_same_v<T, message>)
            return static_cast<const message&>(value = message{call.message});
        else if constexpr (codec::is_late<T>) return static_cast<P&&>(value.get());
        else return static_cast<P&&>(value);
    }

    // An output parameter, or nothing in its place.
    template <class P, class T>
    static decltype(auto) write(T& value) {
        if constexpr (detail::part_of<P>() == detail::part::output) return static_cast<T&>(value);
        else return detail::nothing{};
    }

    template <class R, class... Outs>
    static int reply_returned(incoming& call, R&& returned, const Outs&... outs) {
        using T = std::remove_cvref_t<R>;
        if constexpr (is_result<T>) {
            if (!returned) [[unlikely]]
                return call.fail(error{std::forward<R>(returned).error()});
            if constexpr (std::is_void_v<typename T::value_type>) return reply(call, outs...);
            else return reply_returned(call, *std::forward<R>(returned), outs...);
        } else if constexpr (detail::is_tuple<T>) {
            return std::apply(
                [&](const auto&... values) { return reply(call, values..., outs...); }, returned);
        } else {
            return reply(call, returned, outs...);
        }
    }

    template <class... Outs>
    static int reply(incoming& call, const Outs&... outs) {
        if constexpr ((std::is_same_v<Outs, detail::nothing> && ...)) return call.has_no_outputs;
        int r = call.begin_reply();
        if (r <= 0) return r;
        codec::message_writer writer{call.reply};
        static_cast<void>(((call.output += !std::is_same_v<Outs, detail::nothing>,
                            r = detail::output_codec<Outs>::append(writer, outs), r >= 0) &&
                           ...));
        return r;
    }
};

/// What sd-bus calls for handler `F` (a value). `Shared`: there are more of its type, so that one
/// typed part, which is told the function, is smaller than one for each.
template <auto F, class S, class Style, bool Shared>
struct method_thunk {
    using function = std::remove_const_t<decltype(F)>;

    static int entry(sd_bus_message* m, void* userdata, sd_bus_error*) {
        if constexpr (Shared &&
                      (std::is_pointer_v<function> || std::is_member_function_pointer_v<function>))
            return dispatch_call<Style>(m, userdata, &method_body_of<function, S, Style>::body,
                                        function_words::of(F));
        else return dispatch_call<Style>(m, userdata, &method_body_of<function, S, Style, F>::body);
    }
};

} // namespace ctbus
