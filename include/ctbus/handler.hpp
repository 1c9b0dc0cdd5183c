// A method's way through C++: read the inputs, call the handler, write the outputs.
#pragma once

#include <ctbus/dispatch.hpp>
#include <ctbus/shape.hpp>

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ctbus {

/// The typed part of handler `F` (a value) of a vtable that serves `S`, and its entry for sd-bus.
/// `Style` keeps the functions of both exception modes apart.
template <auto F, class S, class Style>
struct method_thunk {
    using function = std::remove_const_t<decltype(F)>;
    using shape = typename detail::shape_of<function, S>::type;

    static int entry(sd_bus_message* m, void* userdata, sd_bus_error*) {
        return dispatch_call<Style>(m, userdata, &body);
    }

    static int body(incoming& call) {
        return run(call, typename shape::parameters{},
                   std::make_index_sequence<shape::parameters::size>{});
    }

private:
    struct nothing {};
    struct promise {}; // in the place of a deferred reply
    template <class P, detail::part = detail::part_of<P>()>
    struct place {
        using type = codec::slot<std::remove_cvref_t<P>>;
    };
    template <class P>
    struct place<P, detail::part::message> {
        using type = nothing;
    };
    template <class P>
    struct place<P, detail::part::deferred> {
        using type = promise;
    };
    template <class P>
    using stored = typename place<P>::type;

    template <class... Ps, std::size_t... I>
    static int run(incoming& call, type_list<Ps...>, std::index_sequence<I...>) {
        std::tuple<stored<Ps>...> values{};
        int r = 1;
        static_cast<void>(((r = read<Ps>(call, std::get<I>(values)), r > 0) && ...));
        if (r <= 0) [[unlikely]]
            return r < 0 ? r : -ENXIO;
        call.argument = 0;
        // Who takes the message too may read it from its start.
        if constexpr ((std::is_same_v<stored<Ps>, nothing> || ...))
            if (r = sd_bus_message_rewind(call.message, 1); r < 0) return r;
        const auto invoke = [&]() -> decltype(auto) {
            return call_handler(call, pass<Ps>(call, std::get<I>(values))...);
        };
        if constexpr (std::is_void_v<typename shape::result>) {
            invoke();
            return reply(call, write<Ps>(std::get<I>(values))...);
        } else {
            return reply_returned(call, invoke(), write<Ps>(std::get<I>(values))...);
        }
    }

    template <class P, class T>
    static int read(incoming& call, T& value) {
        if constexpr (detail::part_of<P>() != detail::part::input) return 1;
        else return ++call.argument, codec::of<std::remove_cvref_t<P>>::read(call.reader, value);
    }

    template <class P, class T>
    static decltype(auto) pass(incoming& call, T& value) {
        if constexpr (std::is_same_v<T, nothing>) return message{call.message};
        else if constexpr (std::is_same_v<T, promise>) return std::remove_cvref_t<P>::of(call);
        else if constexpr (std::is_reference_v<P>) return static_cast<P>(codec::value_in(value));
        else return std::move(codec::value_in(value));
    }

    template <class... Args>
    static decltype(auto) call_handler(incoming& call, Args&&... args) {
        if constexpr (std::is_member_function_pointer_v<function>)
            return (static_cast<S*>(call.instance)->*F)(std::forward<Args>(args)...);
        else if constexpr (detail::shape_of<function, S>::takes_instance)
            return F(*static_cast<S*>(call.instance), std::forward<Args>(args)...);
        else return F(std::forward<Args>(args)...);
    }

    // An output parameter, or nothing in its place.
    template <class P, class T>
    static decltype(auto) write(T& value) {
        if constexpr (detail::part_of<P>() == detail::part::output) return static_cast<T&>(value);
        else return nothing{};
    }

    template <class R, class... Outs>
    static int reply_returned(incoming& call, R&& returned, const Outs&... outs) {
        using T = std::remove_cvref_t<R>;
        if constexpr (is_result<T>) {
            if (!returned) [[unlikely]]
                return call.fail(std::forward<R>(returned).error());
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
        int r = call.begin_reply();
        if (r <= 0) return r;
        codec::message_writer writer{call.reply};
        static_cast<void>(((r = append(call, writer, outs), r >= 0) && ...));
        return r;
    }

    template <class T>
    static int append(incoming& call, codec::message_writer& writer, const T& value) {
        if constexpr (std::is_same_v<T, nothing>) return 0;
        else return ++call.output, codec::of<T>::append(writer, value);
    }
};

} // namespace ctbus
