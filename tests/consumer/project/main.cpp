// Prints ctbus's version, and checks it against the one expected.
#include <ctbus/ctbus.hpp>

#include <cerrno>
#include <cstdio>
#include <string>
#include <string_view>

int main(int argc, char** argv) {
    const std::string version = std::to_string(CTBUS_VERSION / 10000) + '.' +
                                std::to_string(CTBUS_VERSION / 100 % 100) + '.' +
                                std::to_string(CTBUS_VERSION % 100);
    std::printf("ctbus %s\n", version.c_str());

    // Something that needs libsystemd.
    const ctbus::error error = ctbus::error::from_errno(ENOENT);
    return argc == 2 && version == argv[1] && error.code() == ENOENT ? 0 : 1;
}
