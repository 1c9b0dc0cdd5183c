// ctbus: D-Bus services and clients over sd-bus, checked at compile time.
//
// The library in reading order; each header uses only those above it (CMakeLists.txt has all).
#pragma once

/// major * 10000 + minor * 100 + patch
#define CTBUS_VERSION 100

// What errors look like, and the two spellings x() and try_x().
#include <ctbus/error.hpp>
// Names, paths, signatures, descriptors.
#include <ctbus/names.hpp>
#include <ctbus/types.hpp>
// How C++ values travel: the type table, and what a user may add to it.
#include <ctbus/codec.hpp>
#include <ctbus/dict.hpp>
#include <ctbus/variant.hpp>
// Messages and connections.
#include <ctbus/connection.hpp>
#include <ctbus/message.hpp>
#include <ctbus/report.hpp>
#include <ctbus/slow_handlers.hpp>
// Declarations: the contract of an interface, and its implementation.
#include <ctbus/implements.hpp>
#include <ctbus/interface.hpp>
#include <ctbus/vtable.hpp>
// Replies that are sent later.
#include <ctbus/deferred.hpp>
// Their use: a service's object, a client's proxy, signals alone.
#include <ctbus/object.hpp>
#include <ctbus/proxy.hpp>
#include <ctbus/signals.hpp>
