// The names of a bus: asking for them, and about them.
#pragma once

#include <ctbus/bus_state.hpp>
#include <ctbus/message.hpp>
#include <ctbus/names.hpp>
#include <ctbus/outcome.hpp>
#include <ctbus/outgoing.hpp>

#include <cstdint>
#include <string>
#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctbus {

/// How request_name() behaves where the name is taken, and what others may do later.
enum class name_flag : std::uint64_t {
    allow_replacement = SD_BUS_NAME_ALLOW_REPLACEMENT,
    replace_existing = SD_BUS_NAME_REPLACE_EXISTING,
    queue = SD_BUS_NAME_QUEUE,
};
constexpr name_flag operator|(name_flag a, name_flag b) {
    return name_flag{static_cast<std::uint64_t>(a) | static_cast<std::uint64_t>(b)};
}

namespace detail {
template <class>
struct asynchronous_names_need_async_hpp; // async_names.hpp
}

/// The part of a connection that deals with names. All of it is templates, so that a program which
/// does not use a function does not compile it. On a direct connection, which has no names, each of
/// these is an error.
class bus_names {
public:
    /// Asks for a well-known name (`sd_bus_request_name`). True: it is ours now; false: we are in
    /// the queue for it (name_flag::queue). A name that is taken is an error (EEXIST).
    template <class... Flags, class Truth = bool>
    [[nodiscard]] result<Truth> try_request_name(bus_name_view name, Flags... flags) {
        Truth ours = false;
        return to_result(detail::request_name(*state_, name, flags_of(flags...), &ours),
                         std::move(ours));
    }
    template <class Style = error_style, class... Flags>
    bool request_name(bus_name_view name, Flags... flags) {
        bool ours = false;
        throw_if<Style>(detail::request_name(*state_, name, flags_of(flags...), &ours));
        return ours;
    }
    /// The same without waiting, with <ctbus/async.hpp>: `then(callback)` or `co_await` gives the
    /// result<bool>.
    template <class T = void, class... Flags>
    auto async_request_name(bus_name_view name, Flags... flags) {
        return detail::asynchronous_names_need_async_hpp<T>::request(state_, name,
                                                                     flags_of(flags...));
    }
    /// Gives a name back (`sd_bus_release_name`).
    template <class Void = void>
    [[nodiscard]] result<Void> try_release_name(bus_name_view name) {
        return to_result<Void>(detail::release_name(*state_, name));
    }
    template <class Style = error_style>
    void release_name(bus_name_view name) {
        throw_if<Style>(detail::release_name(*state_, name));
    }
    /// The name that the bus gave this connection, such as `:1.5` (`sd_bus_get_unique_name`).
    template <class Name = bus_name>
    [[nodiscard]] result<Name> try_unique_name() const {
        auto name = bus_name_view::trusted("");
        if (error e = detail::unique_name(*state_, name))
            return result<Name>{std::unexpect, std::move(e)};
        return Name{name};
    }
    template <class Style = error_style>
    bus_name unique_name() const {
        return or_throw<Style>(try_unique_name<detail::depending_on<Style, bus_name>>());
    }
    /// All names on the bus, unique ones among them.
    template <class Names = std::vector<std::string>>
    [[nodiscard]] result<Names> try_list_names() const {
        return ask_bus<Names>("ListNames");
    }
    template <class Style = error_style, class Names = std::vector<std::string>>
    Names list_names() const {
        return or_throw<Style>(try_list_names<Names>());
    }
    /// The names whose service the bus can start.
    template <class Names = std::vector<std::string>>
    [[nodiscard]] result<Names> try_list_activatable_names() const {
        return ask_bus<Names>("ListActivatableNames");
    }
    template <class Style = error_style, class Names = std::vector<std::string>>
    Names list_activatable_names() const {
        return or_throw<Style>(try_list_activatable_names<Names>());
    }
    /// Whether somebody owns that name (NameHasOwner).
    template <class Truth = bool>
    [[nodiscard]] result<Truth> try_name_has_owner(bus_name_view name) const {
        return ask_bus<Truth>("NameHasOwner", name);
    }
    template <class Style = error_style>
    bool name_has_owner(bus_name_view name) const {
        return or_throw<Style>(try_name_has_owner<detail::depending_on<Style, bool>>(name));
    }
    /// The unique name of a name's owner; NameHasNoOwner if there is none.
    template <class Name = bus_name>
    [[nodiscard]] result<Name> try_name_owner(bus_name_view name) const {
        message answer;
        if (error e = detail::call_bus(*state_, "GetNameOwner", answer, name))
            return result<Name>{std::unexpect, std::move(e)};
        auto owner = answer.try_read<std::conditional_t<true, std::string_view, Name>>();
        if (!owner) return result<Name>{std::unexpect, std::move(owner).error()};
        return Name::parse(*owner);
    }
    template <class Style = error_style>
    bus_name name_owner(bus_name_view name) const {
        return or_throw<Style>(try_name_owner<detail::depending_on<Style, bus_name>>(name));
    }
    /// The process and the user behind a name.
    template <class Number = std::uint32_t>
    [[nodiscard]] result<Number> try_name_pid(bus_name_view name) const {
        return ask_bus<Number>("GetConnectionUnixProcessID", name);
    }
    template <class Style = error_style>
    std::uint32_t name_pid(bus_name_view name) const {
        return or_throw<Style>(try_name_pid<detail::depending_on<Style, std::uint32_t>>(name));
    }
    /// The user of its owner (GetConnectionUnixUser).
    template <class Number = std::uint32_t>
    [[nodiscard]] result<Number> try_name_uid(bus_name_view name) const {
        return ask_bus<Number>("GetConnectionUnixUser", name);
    }
    template <class Style = error_style>
    std::uint32_t name_uid(bus_name_view name) const {
        return or_throw<Style>(try_name_uid<detail::depending_on<Style, std::uint32_t>>(name));
    }
    /// Starts the service of an activatable name, if it is not running.
    template <class Void = void>
    [[nodiscard]] result<Void> try_start_service(bus_name_view name) const {
        message answer;
        return to_result<Void>(
            detail::call_bus(*state_, "StartServiceByName", answer, name, std::uint32_t{0}));
    }
    template <class Style = error_style>
    void start_service(bus_name_view name) const {
        or_throw<Style>(try_start_service<detail::depending_on<Style, void>>(name));
    }

protected:
    explicit bus_names(bus_ref&& state) : state_{std::move(state)} {}

    bus_ref state_;

private:
    template <class... Flags>
    static constexpr std::uint64_t flags_of(const Flags&... flags) {
        // sd-bus's own are an enumeration without a name, or an integer where several are joined.
        using raw_flag = std::remove_const_t<decltype(SD_BUS_NAME_QUEUE)>;
        constexpr mistake wrong =
            ((std::is_same_v<Flags, name_flag> || std::is_same_v<Flags, raw_flag> ||
              (std::is_integral_v<Flags> && !std::is_same_v<Flags, bool>)) &&
             ...)
                ? mistake::none
                : mistake::not_a_name_flag;
        static_assert(require::sentence<wrong, type_list<Flags...>>());
        if constexpr (wrong != mistake::none) return 0;
        else return (std::uint64_t{0} | ... | static_cast<std::uint64_t>(flags));
    }
    template <class T, class... Args>
    result<T> ask_bus(member_name_view question, const Args&... args) const {
        message answer;
        if (error e = detail::call_bus(*state_, question, answer, args...))
            return result<T>{std::unexpect, std::move(e)};
        return answer.template try_read<T>();
    }
};

} // namespace ctbus
