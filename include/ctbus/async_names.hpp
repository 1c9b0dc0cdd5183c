// Asking for a name without waiting.
#pragma once

#include <ctbus/async_call.hpp>
#include <ctbus/bus_names.hpp>
#include <ctbus/callback_mistakes.hpp>

#include <cerrno>
#include <cstdint>
#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

// sd-bus's flags and D-Bus's own are not the same; the same change goes both ways.
constexpr std::uint32_t other_name_flags(std::uint32_t flags) {
    return (flags & 1) << 1 | (flags & 2) >> 1 | ((flags & 4) ^ 4);
}
static_assert(other_name_flags(SD_BUS_NAME_ALLOW_REPLACEMENT) == 5 &&
              other_name_flags(SD_BUS_NAME_REPLACE_EXISTING | SD_BUS_NAME_QUEUE) == 2);

inline constexpr call_info request_name_info = {
    "org.freedesktop.DBus", "RequestName", "", "u", 0, false, false};

inline constexpr call_about about_request_name = {request_name_info};

/// What the bus answered.
inline result<std::uint32_t> read_name_reply(outgoing_call& call) {
    std::uint32_t answer = 0;
    const int r = sd_bus_message_read_basic(call.reply, 'u', &answer);
    if (r <= 0) return failure{error::from_errno(r < 0 ? r : -EBADMSG, nullptr, "request_name")};
    return answer;
}

/// The same as request_name() says it.
inline result<bool> name_outcome(bus_state& state, const char* name, std::uint64_t flags,
                                 const result<std::uint32_t>& answer) {
    enum : std::uint32_t { is_owner = 1, in_queue, exists, already_owner };
    if (!answer) return failure{answer.error().during("asking for the name %s", name)};
    if (*answer == exists) return failure{name_error(-EEXIST, name)};
    if (!note_requested(state, name, flags)) return failure{error::from_errno(ENOMEM)};
    return *answer != in_queue;
}

using pending_name_call = pending_call<std::uint32_t, &read_name_reply, about_request_name>;

inline pending_name_call call_request_name(const bus_ref& bus, bus_name_view name,
                                           std::uint64_t flags) {
    const call_target target{bus, kept_name{bus_name_view{"org.freedesktop.DBus"}},
                             kept_name{object_path_view{"/org/freedesktop/DBus"}}, 0};
    outgoing_call call{request_name_info};
    if (sd_bus_is_bus_client(bus->bus) <= 0) {
        call.why = no_names();
        return {target, call, -EOPNOTSUPP};
    }
    const std::uint32_t asked = other_name_flags(static_cast<std::uint32_t>(flags));
    int r = call.begin(target);
    if (r >= 0) r = sd_bus_message_append_basic(call.message, 's', name.c_str());
    if (r >= 0) r = sd_bus_message_append_basic(call.message, 'u', &asked);
    return {target, call, call.filled(r)};
}

} // namespace detail

// clang-format 14 does not know attributes with a reason.
// clang-format off
/// A name that is ready to be asked for: by then(), by `co_await`, which gives its result<bool>, or
/// by detach().
class [[nodiscard("the name is asked for by then(), detach() or co_await")]] pending_name : detail::named_operation {
public:
    using detail::named_operation::then, detail::named_operation::detach;
    using value_type = result<bool>;
    using handle_type = async_handle;

    /// For bus_names::async_request_name().
    pending_name(const bus_ref& bus, bus_name_view name, std::uint64_t flags)
        : bus_{bus}, name_{name}, flags_{flags},
          call_{detail::call_request_name(bus, name, flags)} {}

    /// Asks; `callback` gets what request_name() would return, from the loop, or before then()
    /// returns where the bus cannot be asked. What it throws is reported.
    template <class F, class Style = error_style>
    async_handle then(F&& callback) && {
        using callable = std::decay_t<F>;
        constexpr mistake unfit = detail::answer_callback_mistake<callable, bool>();
        static_assert(require::sentence<unfit, callable, result<bool>>());
        if constexpr (unfit != mistake::none) return async_handle{};
        else {
        auto answered = [state = bus_.get(), name = std::move(name_), flags = flags_,
                         call = callable(std::forward<F>(callback))](
                            result<std::uint32_t> answer) mutable {
            call(detail::name_outcome(*state, name.c_str(), flags, answer));
        };
        return std::move(call_).template then<decltype(answered), Style>(std::move(answered));
        }
    }
    /// Asks, and leaves the rest to the connection: an error goes to the report handler.
    template <class Style = error_style>
    void detach() && {
        using ignored = detail::reported_failure;
        std::move(*this).template then<ignored, Style>(ignored{}).detach();
    }
    template <class Style = error_style>
    auto operator co_await() && {
        return detail::awaiting<pending_name, Style>{std::move(*this)};
    }

private:
    bus_ref bus_;
    kept_name name_;
    std::uint64_t flags_;
    detail::pending_name_call call_;
};
// clang-format on

namespace detail {

// What bus_names::async_request_name() is made of; bus_names.hpp only knows that it exists.
template <class>
struct asynchronous_names_need_async_hpp {
    static pending_name request(const bus_ref& bus, bus_name_view name, std::uint64_t flags) {
        return {bus, name, flags};
    }
};

} // namespace detail

} // namespace ctbus
