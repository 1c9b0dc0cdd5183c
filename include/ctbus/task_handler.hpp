// Handlers that are coroutines: what is kept until they end, and their answer then.
#pragma once

#include <ctbus/deferred.hpp>
#include <ctbus/dispatch.hpp>
#include <ctbus/handler.hpp>
#include <ctbus/spare_blocks.hpp>
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
            ~holder() {
                if (task) task->drop();
            }
        } made{make_spared<handler_task>(*call.on->bus, *call.on->bus)};
        handler_task& me = *made.task;
        if (const int r = me.arguments_.read(call); r < 0) return r;
        me.work_.emplace(me.arguments_.invoke(call));
        me.work_->start(me);
        if (me.has_ended_) return me.answer(call);
        if (!call.on) // it destroyed its object, which ends it
            return call.replied ? 1 : call.fail(pending_reply::dropped());
        made.task = nullptr;
        me.is_waiting_ = true;
        me.call_ = message{call.message};
        me.memory_ = call.reader.memory();
        me.replied_ = call.replied;
        if (!call.replied) me.reply_ = pending_reply{call};
        me.on_ = call.on;
        me.enter(call.on->tasks);
        return 1;
    }

    /// For serve().
    explicit handler_task(bus_state& bus) : bus_{&bus} {
        ended = [](task_root& root) { static_cast<handler_task&>(root).end(); };
        task_root::destroy = [](task_root& root) { static_cast<handler_task&>(root).drop(); };
        detached_work::destroy = [](detached_work* w) { static_cast<handler_task*>(w)->drop(); };
    }
    ~handler_task() { leave(); }

private:
    void drop() { drop_spared(bus_, this); }

    void end() {
        has_ended_ = true;
        if (!is_waiting_) return; // serve() answers
        answer_later();
        drop();
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
