// Everything that does not wait: calls, coroutines, timers, work from other threads.
#pragma once

#include <ctbus/async_call.hpp>
#include <ctbus/ctbus.hpp>
#include <ctbus/post.hpp>
#include <ctbus/task.hpp>
#include <ctbus/task_handler.hpp>
#include <ctbus/timer.hpp>
