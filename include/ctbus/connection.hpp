// A connection to a bus, or to one peer: opening, names, messages, running.
#pragma once

#include <ctbus/bus_loop.hpp>
#include <ctbus/bus_state.hpp>
#include <ctbus/connect.hpp>
#include <ctbus/duration.hpp>
#include <ctbus/foreign_loop.hpp>
#include <ctbus/loop.hpp>
#include <ctbus/message.hpp>
#include <ctbus/names.hpp>
#include <ctbus/outgoing.hpp>

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
        : bus_loop{detail::make_state(sd_bus_ref(raw), false)}, owns_{true} {
        state_->borrowed = true;
    }
    /// What was moved from goes on to share the connection, until its new owner closes it.
    connection(connection&& other) noexcept
        : bus_loop{bus_ref{other.state_}}, owns_{std::exchange(other.owns_, false)} {}
    connection& operator=(connection&& other) noexcept {
        if (this != &other) {
            close();
            state_ = other.state_;
            owns_ = std::exchange(other.owns_, false);
        }
        return *this;
    }
    ~connection() { close(); }

    // ---- opening ----

    /// The user's session bus (`sd_bus_open_user`).
    static result<connection> try_session() { return made(detail::open_session()); }
    template <class Style = error_style>
    static connection session() {
        return or_throw<Style>(try_session());
    }
    /// The system bus (`sd_bus_open_system`).
    static result<connection> try_system() { return made(detail::open_system()); }
    template <class Style = error_style>
    static connection system() {
        return or_throw<Style>(try_system());
    }
    /// The bus that started this program, or else the user's or the system's (`sd_bus_open`).
    static result<connection> try_open_default() { return made(detail::open_starter()); }
    template <class Style = error_style>
    static connection open_default() {
        return or_throw<Style>(try_open_default());
    }
    /// The bus at a D-Bus address such as `unix:path=/run/x` (`sd_bus_set_address`).
    static result<connection> try_open(const std::string& address) {
        return made(detail::open_address(address.c_str()));
    }
    template <class Style = error_style>
    static connection open(const std::string& address) {
        return or_throw<Style>(try_open(address));
    }
    /// The system bus of another host, through ssh (`sd_bus_open_system_remote`).
    static result<connection> try_open_remote(const std::string& host) {
        return made(detail::open_remote(host.c_str()));
    }
    template <class Style = error_style>
    static connection open_remote(const std::string& host) {
        return or_throw<Style>(try_open_remote(host));
    }
    /// The system bus of a container (`sd_bus_open_system_machine`).
    static result<connection> try_open_machine(const std::string& name) {
        return made(detail::open_machine(name.c_str()));
    }
    template <class Style = error_style>
    static connection open_machine(const std::string& name) {
        return or_throw<Style>(try_open_machine(name));
    }
    /// One peer at the other end of a stream socket, which is taken over (`sd_bus_set_fd`). No bus:
    /// there are no names. One side has to be the server, the other the client.
    static result<connection> try_from_fd(unix_fd fd, role as) {
        return made(detail::open_fd(std::move(fd), as, false));
    }
    template <class Style = error_style>
    static connection from_fd(unix_fd fd, role as) {
        return or_throw<Style>(try_from_fd(std::move(fd), as));
    }
    template <class Style = error_style>
    static connection from_fd(int fd, role as) {
        return or_throw<Style>(try_from_fd(unix_fd{fd}, as));
    }
    /// The same, taking over a plain descriptor.
    static result<connection> try_from_fd(int fd, role as) { return try_from_fd(unix_fd{fd}, as); }
    /// Two peers connected to each other in this process, ready for use.
    template <class Connection = connection>
    static result<std::pair<Connection, Connection>> try_pair() {
        bus_ref service, client;
        if (auto opened = detail::open_pair(service, client); !opened)
            return failure{std::move(opened).error()};
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
    result<message> try_new_call(std::string_view destination, object_path_view path,
                                 interface_name_view interface, member_name_view member) const {
        return detail::new_call(*state_, destination, path, interface, member);
    }
    template <class Style = error_style>
    message new_call(std::string_view destination, object_path_view path,
                     interface_name_view interface, member_name_view member) const {
        return or_throw<Style>(try_new_call(destination, path, interface, member));
    }
    /// A signal to be filled (`sd_bus_message_new_signal`).
    result<message> try_new_signal(object_path_view path, interface_name_view interface,
                                   member_name_view member) const {
        return detail::new_signal(*state_, path, interface, member);
    }
    template <class Style = error_style>
    message new_signal(object_path_view path, interface_name_view interface,
                       member_name_view member) const {
        return or_throw<Style>(try_new_signal(path, interface, member));
    }
    /// Sends a call and waits for its reply (`sd_bus_call`). An error reply is the error.
    result<message> try_call(const message& m) const { return detail::call(*state_, m.get(), 0); }
    /// The same, waiting for that long; then the error is Timeout.
    template <duration D>
    result<message> try_call(const message& m, const D& timeout) const {
        return detail::call(*state_, m.get(), detail::microseconds(timeout));
    }
    template <class Style = error_style, class... Timeout>
    message call(const message& m, const Timeout&... timeout) const {
        return or_throw<Style>(try_call(m, timeout...));
    }
    /// The same as `m.try_send()`.
    result<void> try_send(const message& m) const { return m.try_send(); }
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

    static result<connection> made(result<bus_ref>&& opened) {
        if (!opened) return failure{std::move(opened).error()};
        return connection{*std::move(opened)};
    }
    void close() {
        if (!state_ || !owns_) return;
        if (!state_->borrowed) {
            if (sd_bus_is_open(state_->bus) > 0) {
                const std::uint64_t end = detail::now() + 1'000'000;
                detail::flush_until(*state_, end);
                detail::say_goodbye(state_->bus, end);
            }
            state_->open = false;
            sd_bus_close(state_->bus);
        }
        if (state_->extension) state_->extension->close(*state_->extension);
        detail::foreign_loop::interest_changed(state_->bus); // there is none any more
        detached_work::lose_all(state_->detached);
    }

    bool owns_ = false;
};

} // namespace ctbus
