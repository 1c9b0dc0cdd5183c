// Running a connection in the loop of GLib, and so of GTK: glib_loop. Needs GLib (glib-2.0).
#pragma once

#include <ctbus/connection.hpp>
#include <ctbus/foreign_turns.hpp>
#include <ctbus/loop.hpp>

#include <cstdint>
#include <glib.h>
#include <utility>

namespace ctbus {

// clang-format 14 does not know attributes with a reason.
// clang-format off
/// Lets a GMainContext run a connection, for as long as this lives (`g_source_attach`). The context
/// has to be run by the connection's thread. May be destroyed at any moment, also while one of the
/// connection's handlers runs; the connection may be closed at any moment, which ends this.
class [[nodiscard("the loop runs the connection only as long as this lives")]] glib_loop {
public:
    /// Null: the default context, which GTK runs. `lost(error)` is called, once, when the connection
    /// is lost; without it, the report handler is. Throws ENOTCONN where the connection is closed.
    template <class F = detail::no_callback, class Style = error_style>
    [[nodiscard("the loop runs the connection only as long as this lives")]]
    explicit glib_loop(const connection& bus, GMainContext* context = nullptr, F lost = {})
        : glib_loop{or_throw<Style>(try_make<F, Style>(bus, context, std::move(lost)))} {}
    template <class F = detail::no_callback, class Style = error_style>
    [[nodiscard("the loop runs the connection only as long as this lives")]]
    static result<glib_loop> try_make(const connection& bus, GMainContext* context = nullptr,
                                      F lost = {}) {
        if (auto open = bus.try_poll_data(); !open) return failure{std::move(open).error()};
        glib_loop made;
        made.source_ = connection_source::make(
            bus.state(), detail::make_loop_end<Style>(std::move(lost)));
        g_source_attach(made.source_, context);
        return made;
    }
    /// Show that the connection has to live as long.
    template <class... More>
    explicit glib_loop(connection&&, More&&...) {
        detail::on_a_temporary_connection<glib_loop, More...>();
    }
    template <class... More>
    static auto try_make(connection&&, More&&...) {
        return detail::on_a_temporary_connection<glib_loop, More...>();
    }
    glib_loop(glib_loop&& other) noexcept : source_{std::exchange(other.source_, nullptr)} {}
    glib_loop& operator=(glib_loop&& other) noexcept {
        const glib_loop gone{std::move(*this)};
        source_ = std::exchange(other.source_, nullptr);
        return *this;
    }
    ~glib_loop() {
        if (!source_) return;
        g_source_destroy(source_);
        connection_source::of(source_)->forget();
        g_source_unref(source_);
    }

    /// Whether the connection is still run: it is neither lost nor closed.
    explicit operator bool() const {
        return source_ != nullptr && g_source_is_destroyed(source_) == 0;
    }
    /// The source, for g_source_set_priority() and the like.
    GSource* get() const { return source_; }

private:
    /// What belongs to a GSource, and lives as long as it.
    struct connection_source {
        bus_ref bus;
        detail::loop_end end;
        int fd = -1;
        short events = 0;
        void* watch = nullptr; // of `fd`
        std::uint64_t timeout = 0;

        static GSource* make(const bus_ref& bus, detail::loop_end&& end) {
            static GSourceFuncs functions = {&prepare, &check, &dispatch, &finalize, nullptr,
                                             nullptr};
            GSource* source = g_source_new(&functions, sizeof(in_glib));
            reinterpret_cast<in_glib*>(source)->own =
                new connection_source{bus, std::move(end)};
            g_source_set_name(source, "ctbus");
            return source;
        }
        static connection_source* of(GSource* source) {
            return reinterpret_cast<in_glib*>(source)->own;
        }
        void forget() {
            end = {};
            bus = {};
        }

    private:
        struct in_glib {
            GSource source;
            connection_source* own;
        };

        // Asks again each time, as anything may have been sent since, or the bus been replaced.
        static gboolean prepare(GSource* source, gint* milliseconds) {
            connection_source& own = *of(source);
            *milliseconds = -1;
            poll_data wanted{};
            if (detail::get_foreign_poll_data(*own.bus, wanted) < 0) return TRUE; // dispatch ends it
            own.watch_for(source, wanted);
            own.timeout = wanted.timeout;
            *milliseconds = wanted.milliseconds();
            return *milliseconds == 0 ? TRUE : FALSE;
        }
        static gboolean check(GSource* source) {
            const connection_source& own = *of(source);
            if (own.watch && g_source_query_unix_fd(source, own.watch) != 0) return TRUE;
            return own.timeout != UINT64_MAX && own.timeout <= detail::now() ? TRUE : FALSE;
        }
        static gboolean dispatch(GSource* source, GSourceFunc, gpointer) {
            connection_source& own = *of(source);
            const bus_ref bus = own.bus; // this may be destroyed in a handler
            const int r = detail::process_some(
                *bus, [&] { return g_source_is_destroyed(source) == 0; });
            if (g_source_is_destroyed(source) != 0) return G_SOURCE_REMOVE;
            if (r >= 0 && bus->open) return G_SOURCE_CONTINUE;
            g_source_destroy(source);
            if (bus->open) own.end.tell(detail::loop_error(r, "glib_loop"));
            return G_SOURCE_REMOVE;
        }
        static void finalize(GSource* source) { delete of(source); }

        void watch_for(GSource* source, const poll_data& wanted) {
            if (watch && wanted.fd == fd && wanted.events == events) return;
            const auto condition = static_cast<GIOCondition>(wanted.events); // poll's own bits
            if (watch && wanted.fd == fd) {
                g_source_modify_unix_fd(source, watch, condition);
            } else {
                if (watch) g_source_remove_unix_fd(source, watch);
                watch = wanted.fd < 0 ? nullptr
                                      : g_source_add_unix_fd(source, wanted.fd, condition);
            }
            fd = wanted.fd;
            events = wanted.events;
        }
    };

    glib_loop() = default;

    GSource* source_ = nullptr;
};
// clang-format on

} // namespace ctbus
