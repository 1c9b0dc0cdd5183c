#include <exception> // for Asio 1.22, which forgets it

#include <asio.hpp>
#include <ctbus/asio.hpp>

#include "asio_loop.hpp"
