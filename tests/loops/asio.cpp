#include <asio.hpp>
#include <ctbus/asio.hpp>

#include "asio_loop.hpp"
