// A connection to a bus, or to one peer: opening, names, messages, running.
#pragma once

#include <ctbus/anything.hpp>
#include <ctbus/bus_loop.hpp>
#include <ctbus/bus_state.hpp>
#include <ctbus/connect.hpp>
#include <ctbus/duration.hpp>
#include <ctbus/foreign_loop.hpp>
#include <ctbus/loop.hpp>
#include <ctbus/message.hpp>
#include <ctbus/names.hpp>
#include <ctbus/outcome.hpp>
#include <ctbus/outgoing.hpp>
#include <ctbus/require.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <systemd/sd-bus.h>
#include <utility>

namespace ctbus {

/// One connection; belongs to one thread. Destroying it sends what is queued (for at most a second)
/// and closes; what was made from it may live on and then fails with ENOTCONN.
class connection : public bus_loop {
public:
    /// Shares a bus that somebody else opened and closes.
    explicit connection(sd_bus* raw)
        : bus_loop{bus_ref::adopt(detail::make_state(sd_bus_ref(raw), false))}, owns_{true} {
        state_->borrowed = true;
    }
    /// What was moved from goes on to share the connection, until its new owner closes it.
    connection(connection&& other) noexcept : bus_loop{bus_ref{other.state_}}, owns_{other.owns_} {
        other.owns_ = false;
    }
    connection& operator=(connection&& other) noexcept {
        if (this != &other) {
            close();
            state_ = other.state_;
            owns_ = other.owns_;
            other.owns_ = false;
        }
        return *this;
    }
    [[gnu::cold, gnu::noinline]] ~connection() { close(); }

    // ---- opening ----

    /// The user's session bus (`sd_bus_open_user`).
    template <class T = connection>
    [[nodiscard]] static result<T> try_session() {
        return try_opened<T>(detail::open_session);
    }
    template <class Style = error_style>
    static connection session() {
        return opened<Style>(detail::open_session);
    }
    /// The system bus (`sd_bus_open_system`).
    template <class T = connection>
    [[nodiscard]] static result<T> try_system() {
        return try_opened<T>(detail::open_system);
    }
    template <class Style = error_style>
    static connection system() {
        return opened<Style>(detail::open_system);
    }
    /// The bus that started this program, or else the user's or the system's (`sd_bus_open`).
    template <class T = connection>
    [[nodiscard]] static result<T> try_open_default() {
        return try_opened<T>(detail::open_starter);
    }
    template <class Style = error_style>
    static connection open_default() {
        return opened<Style>(detail::open_starter);
    }
    /// The bus at a D-Bus address such as `unix:path=/run/x` (`sd_bus_set_address`).
    template <class T = connection>
    [[nodiscard]] static result<T> try_open(const std::string& address) {
        return try_opened<T>(detail::open_address, address.c_str());
    }
    template <class Style = error_style>
    static connection open(const std::string& address) {
        return opened<Style>(detail::open_address, address.c_str());
    }
    /// The system bus of another host, through ssh (`sd_bus_open_system_remote`).
    template <class T = connection>
    [[nodiscard]] static result<T> try_open_remote(const std::string& host) {
        return try_opened<T>(detail::open_remote, host.c_str());
    }
    template <class Style = error_style>
    static connection open_remote(const std::string& host) {
        return opened<Style>(detail::open_remote, host.c_str());
    }
    /// The system bus of a container (`sd_bus_open_system_machine`).
    template <class T = connection>
    [[nodiscard]] static result<T> try_open_machine(const std::string& name) {
        return try_opened<T>(detail::open_machine, name.c_str());
    }
    template <class Style = error_style>
    static connection open_machine(const std::string& name) {
        return opened<Style>(detail::open_machine, name.c_str());
    }
    /// One peer at the other end of a stream socket, which is taken over (`sd_bus_set_fd`). No bus:
    /// there are no names. One side has to be the server, the other the client.
    template <class T = connection>
    [[nodiscard]] static result<T> try_from_fd(unix_fd fd, role as) {
        return try_opened<T>(detail::open_fd, std::move(fd), as, false);
    }
    template <class Style = error_style>
    static connection from_fd(unix_fd fd, role as) {
        return opened<Style>(detail::open_fd, std::move(fd), as, false);
    }
    template <class Style = error_style>
    static connection from_fd(int fd, role as) {
        return from_fd<Style>(unix_fd{fd}, as);
    }
    /// The same, taking over a plain descriptor.
    template <class T = connection>
    [[nodiscard]] static result<T> try_from_fd(int fd, role as) {
        return try_from_fd<T>(unix_fd{fd}, as);
    }
    /// Two peers connected to each other in this process, ready for use.
    template <class Connection = connection>
    [[nodiscard]] static result<std::pair<Connection, Connection>> try_pair() {
        bus_ref service, client;
        if (error e = detail::open_pair(service, client))
            return result<std::pair<Connection, Connection>>{std::unexpect, std::move(e)};
        return std::pair{Connection{std::move(service)}, Connection{std::move(client)}};
    }
    template <class Style = error_style, class Connection = connection>
    static std::pair<Connection, Connection> pair() {
        return or_throw<Style>(try_pair<Connection>());
    }

    /// The raw bus.
    sd_bus* get() const { return state_ ? state_->bus : nullptr; }
    /// What all that is made from this connection shares; for other parts of ctbus.
    const bus_ref& state() const { return state_; }

    // ---- messages ----

    /// A method call to be filled (`sd_bus_message_new_method_call`); `destination` is left out on
    /// a direct connection.
    template <class T = message>
    [[nodiscard]] result<T> try_new_call(std::string_view destination, object_path_view path,
                                         interface_name_view interface,
                                         member_name_view member) const {
        T made;
        return to_result(detail::new_call(*state_, destination, path, interface, member, made),
                         std::move(made));
    }
    template <class Style = error_style>
    [[nodiscard]] message new_call(std::string_view destination, object_path_view path,
                                   interface_name_view interface, member_name_view member) const {
        message made;
        throw_if<Style>(detail::new_call(*state_, destination, path, interface, member, made));
        return made;
    }
    /// A signal to be filled (`sd_bus_message_new_signal`).
    template <class T = message>
    [[nodiscard]] result<T> try_new_signal(object_path_view path, interface_name_view interface,
                                           member_name_view member) const {
        sd_bus_message* made = nullptr;
        error e = detail::new_signal(*state_, path, interface, member, &made);
        return to_result(std::move(e), T::adopt(made));
    }
    template <class Style = error_style>
    [[nodiscard]] message new_signal(object_path_view path, interface_name_view interface,
                                     member_name_view member) const {
        sd_bus_message* made = nullptr;
        throw_if<Style>(detail::new_signal(*state_, path, interface, member, &made));
        return message::adopt(made);
    }
    /// Sends a call and waits for its reply (`sd_bus_call`). An error reply is the error.
    template <class T = message>
    [[nodiscard]] result<T> try_call(const message& m) const {
        T answer;
        return to_result(detail::call(*state_, m.get(), 0, answer), std::move(answer));
    }
    /// The same, waiting for that long; then the error is Timeout.
    template <class D, class T = message>
    [[nodiscard]] result<T> try_call(const message& m, const D& timeout) const {
        T answer;
        return to_result(detail::call(*state_, m.get(), detail::microseconds(timeout), answer),
                         std::move(answer));
    }
    template <class Style = error_style, class... Timeout>
    message call(const message& m, const Timeout&... timeout) const {
        return or_throw<Style>(try_call(m, timeout...));
    }
    /// The same as `m.try_send()`.
    template <class Void = void>
    [[nodiscard]] result<Void> try_send(const message& m) const {
        return m.try_send<Void>();
    }
    template <class Style = error_style>
    void send(const message& m) const {
        m.send<Style>();
    }
    /// How long calls wait for their reply where nothing else is said; 25 s at first
    /// (`sd_bus_set_method_call_timeout`).
    template <class D>
    void default_timeout(const D& time) {
        // It fails only where there is no bus.
        sd_bus_set_method_call_timeout(get(), detail::microseconds(time));
    }

private:
    explicit connection(bus_ref&& opened) : bus_loop{std::move(opened)}, owns_{true} {}

    template <class T, class Open, class... Args>
    [[nodiscard]] static result<T> try_opened(Open open, Args&&... args) {
        bus_state* state = nullptr;
        if (error e = open(state, std::forward<Args>(args)...))
            return result<T>{std::unexpect, std::move(e)};
        return T{bus_ref::adopt(state)};
    }
    template <class Style, class Open, class... Args>
    [[gnu::cold, gnu::noinline]] static connection opened(Open open, Args&&... args) {
        bus_state* state = nullptr;
        throw_if<Style>(open(state, std::forward<Args>(args)...));
        return connection{bus_ref::adopt(state)};
    }
    void close() {
        if (state_ && owns_) detail::close_bus(*state_);
    }

    bool owns_ = false;
};

namespace detail {
/// What is made on a temporary connection: says that it has to live as long.
template <class... Made>
auto on_a_temporary_connection() {
    static_assert(require::sentence<mistake::temporary_connection, Made...>());
    return anything{};
}
} // namespace detail

} // namespace ctbus
