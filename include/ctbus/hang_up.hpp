// Ending a connection's socket: before it closes, and where what comes in can be read no more.
#pragma once

#include <ctbus/duration.hpp>

#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

namespace ctbus::detail {

/// Says to the other end that one direction of the socket, or both, is over, and drops what comes
/// in until that is over too, or until `end`.
[[gnu::cold, gnu::noinline]] inline void hang_up(sd_bus* bus, int directions,
                                                 std::uint64_t end) noexcept {
    const int fd = sd_bus_get_fd(bus);
    if (fd < 0 || ::shutdown(fd, directions) < 0) return;
    char dropped[4096];
    while (now() < end) {
        pollfd input = {fd, POLLIN, 0};
        ::poll(&input, 1, 100); // what came of it recv() knows
        const ssize_t n = ::recv(fd, dropped, sizeof dropped, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN)) return; // it has hung up
    }
}

/// After -EXFULL from sd_bus_call(): more descriptors came than the process may have, bytes of that
/// message are lost, and what is read next would be no message. So the bus is lost. But a peer may
/// only have answered with that error: then there is room for as many as a message may have.
[[gnu::cold, gnu::noinline]] inline void hang_up_if_full(sd_bus* bus) noexcept {
    constexpr int most = 253; // SCM_MAX_FD
    int taken[most], count = 0;
    const int fd = sd_bus_get_fd(bus);
    while (count < most && (taken[count] = ::fcntl(fd, F_DUPFD_CLOEXEC, 0)) >= 0) ++count;
    for (int i = 0; i < count; ++i) ::close(taken[i]);
    if (count < most) hang_up(bus, SHUT_RDWR, UINT64_MAX);
}

} // namespace ctbus::detail
