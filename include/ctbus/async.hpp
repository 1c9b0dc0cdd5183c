// Everything that does not wait: calls, coroutines, streams, timers, other threads, a lost bus.
//
// Each of these can be included alone. <ctbus/stop.hpp> (std::stop_token), which takes long to
// compile, is not among them, nor are the headers for other libraries' loops.
#pragma once

// Calls and subscriptions, with a callback or by co_await.
#include <ctbus/async_call.hpp>
#include <ctbus/async_names.hpp>
#include <ctbus/async_subscription.hpp>
// Coroutines: tasks, handlers that are tasks, and what they may wait for.
#include <ctbus/first_of.hpp>
#include <ctbus/signal_stream.hpp>
#include <ctbus/task.hpp>
#include <ctbus/task_handler.hpp>
#include <ctbus/timer.hpp>
// Work from other threads.
#include <ctbus/post.hpp>
// A bus that goes away and comes back.
#include <ctbus/reconnect.hpp>
