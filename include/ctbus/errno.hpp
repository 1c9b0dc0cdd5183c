// What errno's numbers are called: words for people, and the names of errors that stand for one.
#pragma once

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <systemd/sd-bus.h>

namespace ctbus::detail {

/// The system's words for it, where they do not speak of endpoints and children.
[[gnu::cold, gnu::noinline]] inline const char* words_of(int code) noexcept {
    code = std::abs(code);
    return code == ENOTCONN ? "the connection is closed"
           : code == ECHILD ? "another process opened the connection, before fork()"
                            : std::strerror(code);
}

/// The errno that the name of an error stands for; 0 if none.
inline int errno_of(const char* name) noexcept {
    const sd_bus_error named = {name, nullptr, 0};
    const int code = sd_bus_error_get_errno(&named);
    // sd-bus answers EIO for every name it does not know, and EACCES for what just failed.
    if (std::strcmp(name, SD_BUS_ERROR_FAILED) == 0) return 0;
    if (code != EIO || std::strcmp(name, SD_BUS_ERROR_IO_ERROR) == 0) return code;
    return std::strcmp(name, "System.Error.EIO") == 0 ? EIO : 0;
}

} // namespace ctbus::detail
