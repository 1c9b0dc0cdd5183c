// The class that the example shows, in a program that never sleeps in its loop.
#ifndef __clang__
// The example's vtable has a lambda, as a .cpp file may: GCC takes what is included for a header.
#pragma GCC diagnostic ignored "-Wsubobject-linkage"
#endif
#define main example_main
#include "../../examples/qt_loop.cpp"
#undef main

#include <chrono>

int main(int argc, char** argv) {
    QCoreApplication application{argc, argv};
    auto [service, client] = ctbus::connection::pair();
    qt_loop service_runs{service}, client_runs{client};
    ctbus::object<echo_vtable> object{service, "/echo"};
    ctbus::proxy<echo_vtable> remote{client, "/echo"};
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    for (int round = 0; round < 3; ++round) {
        std::string answer;
        auto call = remote.async_call<"Echo">("again").then(
            [&](ctbus::result<std::string> text) { answer = text.value(); });
        while (answer.empty()) {
            if (std::chrono::steady_clock::now() > end) {
                std::cout << "no answer in round " << round << '\n';
                return 1;
            }
            QCoreApplication::processEvents();
        }
    }
}
