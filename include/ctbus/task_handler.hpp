// Handlers that are coroutines: what is kept until they end, and their answer then.
#pragma once

#include <ctbus/deferred.hpp>
#include <ctbus/dispatch.hpp>
#include <ctbus/handler.hpp>
#include <ctbus/task.hpp>

#include <optional>
#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

/// One call of a handler that is a coroutine: its arguments, which the coroutine may refer to, and
/// from the first time that it waits on, the promise to answer. Belongs to the object then.
template <class Thunk, class T, class Style>
class handler_task : owned_task {
public:
    /// Runs it until it waits for the first time. The result is that of a method's typed part.
    static int serve(incoming& call) {
        // Goes with this function, also when the handler throws, unless the object has it by then.
        struct holder {
            handler_task* task;
            ~holder() { delete task; }
        } made{new handler_task{call}};
        handler_task& me = *made.task;
        if (const int r = me.arguments_.read(call); r < 0) return r;
        me.memory_ = call.reader.memory();
        me.work_.emplace(me.arguments_.invoke(call));
        me.work_->start(me);
        if (me.has_ended_) return me.answer(call);
        if (!call.on) // it destroyed its object, which ends it
            return call.replied ? 1 : call.fail(pending_reply::dropped());
        made.task = nullptr;
        me.is_waiting_ = true;
        me.replied_ = call.replied;
        if (!call.replied) me.reply_ = pending_reply{call};
        me.on_ = call.on;
        me.enter(call.on->tasks);
        return 1;
    }

private:
    explicit handler_task(const incoming& call) : bus_{call.on->bus}, call_{call.message} {
        ended = [](task_root& root) { static_cast<handler_task&>(root).end(); };
        task_root::destroy = [](task_root& root) { delete static_cast<handler_task*>(&root); };
        detached_work::destroy = [](detached_work* w) { delete static_cast<handler_task*>(w); };
    }
    ~handler_task() { leave(); }

    void end() {
        has_ended_ = true;
        if (!is_waiting_) return; // serve() answers
        answer_later();
        delete this;
    }

    void answer_later() {
        reply_.forget();
        exported gone;
        gone.bus = bus_.get();
        incoming call{call_.get(), doomed ? gone : *on_};
        if (doomed) call.on = nullptr;
        // Nobody is told what nobody can hear.
        call.replied = replied_ || sd_bus_is_open(sd_bus_message_get_bus(call_.get())) <= 0;
        int r;
#ifdef __cpp_exceptions
        try {
            r = answer(call);
        } catch (...) {
            r = answer_exception(call);
        }
#else
        r = answer(call);
#endif
        call.finish(r);
    }

    int answer(incoming& call) {
        if constexpr (std::is_void_v<T>) {
            work_->take();
            return arguments_.answer(call);
        } else {
            return arguments_.answer(call, work_->take());
        }
    }

    bus_ref bus_;
    message call_;
    codec::kept_memory memory_;
    typename Thunk::arguments arguments_;
    std::optional<task<T>> work_; // destroyed before what it may refer to
    pending_reply reply_;
    exported* on_ = nullptr;
    bool has_ended_ = false;
    bool is_waiting_ = false;
    bool replied_ = false; // before it waited for the first time
};

} // namespace detail

template <class T>
template <class Thunk, class Style>
int task<T>::serve(incoming& call) {
    return detail::handler_task<Thunk, T, Style>::serve(call);
}

} // namespace ctbus
