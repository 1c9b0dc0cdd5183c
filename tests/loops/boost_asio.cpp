#include <exception> // for Boost 1.74, which forgets both
#include <utility>

#include <boost/asio.hpp>
#include <ctbus/asio.hpp>

namespace asio = boost::asio;

#include "asio_loop.hpp"
