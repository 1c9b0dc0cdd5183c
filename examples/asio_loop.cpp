// A connection in an io_context, of Asio or of Boost.Asio: include it before <ctbus/asio.hpp>.
#include <exception> // which Asio 1.22 forgets
#include <utility>   // which Boost 1.74 forgets
#if __has_include(<asio.hpp>)
#include <asio.hpp>
#else
#include <boost/asio.hpp>
namespace asio = boost::asio;
#endif

#include <ctbus/asio.hpp>
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

#include <chrono>
#include <iostream>

using std::chrono::milliseconds;

class kettle {
public:
    explicit kettle(asio::io_context& io) : timer_{io} {}

    // The reply goes out when a timer of Asio's is due.
    void boil(std::uint32_t cups, ctbus::deferred<std::string> reply) {
        timer_.expires_after(milliseconds{10 * cups});
        timer_.async_wait([cups, reply = std::move(reply)](const auto& failed) mutable {
            if (!failed) reply.reply(std::to_string(cups) + " cups of tea");
        });
    }

private:
    asio::steady_timer timer_;
};

struct Kettle : ctbus::vtable<"org.example.Kettle", ctbus::handler<"Boil", &kettle::boil>> {};

ctbus::task<void> drink(ctbus::connection& bus, asio::io_context& io) {
    ctbus::proxy<Kettle> remote{bus, "/kettle"};
    const ctbus::result<std::string> tea = co_await remote.async_call<"Boil">(3u);
    std::cout << (tea ? *tea : tea.error().what()) << '\n';
    io.stop();
}

int main() {
    asio::io_context io{1}; // run by one thread, to which both connections belong
    auto [service, client] = ctbus::connection::pair();
    const ctbus::asio_loop service_runs{service, io};
    const ctbus::asio_loop client_runs{client, io, [&](const ctbus::error& lost) {
                                           std::cerr << lost.what() << '\n';
                                           io.stop();
                                       }};
    kettle served{io};
    ctbus::object<Kettle> object{service, "/kettle", served};
    client.spawn(drink(client, io));
    io.run();
}
