// Every sentence that is shown to a user who made a mistake at compile time.
#pragma once

#include <ctbus/anything.hpp>
#include <ctbus/type_mistakes.hpp>

#include <string_view>
#include <type_traits>

namespace ctbus::require {

template <mistake M, class... Where>
consteval bool explain() {
    using enum mistake;
    // clang-format off
    static_assert(M != is_float, "ctbus: D-Bus has one floating type: use double");
    static_assert(M != is_char, "ctbus: char is neither text nor a number: use std::uint8_t for a byte, std::string for text");
    static_assert(M != is_signed_char, "ctbus: D-Bus has no signed byte: use std::uint8_t or std::int16_t");
    static_assert(M != is_wide_char, "ctbus: D-Bus text is UTF-8: use std::string");
    static_assert(M != is_pointer, "ctbus: a pointer cannot travel: use the value itself, or std::string_view for text");
    static_assert(M != is_reference, "ctbus: a reference cannot be stored in a D-Bus type: use the value itself");
    static_assert(M != is_const, "ctbus: the type of a value is named without const: use T instead of const T");
    static_assert(M != is_optional, "ctbus: D-Bus has no optional: use an empty array, or a field of an as_dict struct, which may be absent");
    static_assert(M != is_union, "ctbus: a union does not know what it holds: use std::variant");
    static_assert(M != is_empty_struct, "ctbus: D-Bus has no empty struct: give it a field, or leave it out");
    static_assert(M != has_base, "ctbus: a struct with a base class has no fixed list of fields: make the base a field");
    static_assert(M != has_array, "ctbus: a struct with a C array cannot travel: use std::array");
    static_assert(M != has_reference, "ctbus: a struct with a reference or const field cannot be read: store the value");
    static_assert(M != has_bit_field, "ctbus: a struct with bit-fields cannot travel: use whole integers");
    static_assert(M != too_many_fields, "ctbus: a struct may have at most 32 fields: group them in structs");
    static_assert(M != is_c_array, "ctbus: a C array cannot travel: use std::array, or std::string for text");
    static_assert(M != is_path_like, "ctbus: a range of itself, such as std::filesystem::path, cannot travel: use its string()");
    static_assert(M != name_as_value, "ctbus: a bus, interface, member or error name has no D-Bus type of its own: use std::string or std::string_view");
    static_assert(M != is_void, "ctbus: void is not a value");
    static_assert(M != not_a_dict_key, "ctbus: a D-Bus dictionary's key has to be a basic type: use an integer or std::string");
    static_assert(M != same_alternatives, "ctbus: two alternatives of a variant have the same D-Bus signature, so that a reader could not tell them apart: remove one");
    static_assert(M != wire_to_itself, "ctbus: wire<T>::type is T itself: map it to a type that ctbus knows");
    static_assert(M != wire_without_type, "ctbus: wire<T> is specialised without a public type: name what T travels as, using type = W");
    static_assert(M != wire_without_functions, "ctbus: wire<T> needs two static functions: to(const T&), which gives a value of its type (no narrowing), and from(type), which takes one (no narrowing) and gives a T or a result<T>");
    static_assert(M != wrong_enum_strings, "ctbus: enum_strings<E> is a range of {enumerator, text}: template<> inline constexpr std::pair<E, const char*> ctbus::enum_strings<E>[] = {{E::a, \"a\"}}");
    static_assert(M != unclear_enum_strings, "ctbus: enum_strings<E> gives each enumerator one name, which no other has: valid UTF-8");
    static_assert(M != changeable_enum_strings, "ctbus: enum_strings<E> has to be constexpr, as its names are looked at by the compiler");
    static_assert(M != misplaced_enum_strings, "ctbus: enum_strings<E> is for an enumeration, and has no effect on another type: remove it");
    static_assert(M != misplaced_as_dict, "ctbus: as_dict<T> is for an aggregate, whose field names are the keys: it cannot be true of another type");
    static_assert(M != changeable_as_dict, "ctbus: as_dict<T> has to be constexpr, as the compiler looks at it: template<> inline constexpr bool ctbus::as_dict<T> = true");
    static_assert(M != is_incomplete, "ctbus: this class is only declared here: include its definition");
    static_assert(M != unmapped_class, "ctbus: this type has no D-Bus form: use an aggregate, or specialise ctbus::wire for it");
    static_assert(M != no_value, "ctbus: errors, results, messages, tasks, operations and deferred replies are no D-Bus values: a handler fails by returning result<T>, and the others stand only where the README has them");
    static_assert(M != foreign_expected, "ctbus: a std::expected is no D-Bus value: a handler that may fail returns ctbus::result<T>, whose error is a ctbus::error");
    static_assert(M != unmapped_enum, "ctbus: this enumeration's integer has no D-Bus form: give it another underlying type, or enum_strings");
    static_assert(M != too_deep, "ctbus: a D-Bus type may nest at most 32 arrays and 32 structs: flatten it");
    static_assert(M != signature_too_long, "ctbus: a D-Bus signature may have at most 255 bytes: use fewer or smaller types");
    static_assert(M != not_readable, "ctbus: this range cannot be filled by reading: use a container with clear() and push_back() or insert(), or a std::span<const T> of fixed-size numbers");
    static_assert(M != not_a_function, "ctbus: this is not a function that can be a D-Bus method: give a member function, a free function or a captureless lambda whose parameters are not generic");
    static_assert(M != null_function, "ctbus: a null pointer is given where a function or member is wanted: name one, as &class::function");
    static_assert(M != input_after_output, "ctbus: an input stands after an output: put inputs (T, const T&) first and outputs (T&) last");
    static_assert(M != input_after_struct, "ctbus: an input stands after an output: put inputs (T, const T&) first and outputs (T&) last; if the first parameter is the served instance, name its class with serves<S>");
    static_assert(M != input_after_message, "ctbus: the message stands before an input: put it after the inputs, or at the very end");
    static_assert(M != two_messages, "ctbus: a handler takes at most one message");
    static_assert(M != message_pointer, "ctbus: a handler takes its message as const ctbus::message&, not as a pointer");
    static_assert(M != message_not_const, "ctbus: a handler takes its message as const ctbus::message& or by value");
    static_assert(M != message_among_outputs, "ctbus: the message stands among the outputs: put it before them, or at the very end");
    static_assert(M != rvalue_reference, "ctbus: an rvalue reference can be neither a parameter nor a result: take an input as T or const T&, an output as T&, and return a value");
    static_assert(M != pair_returned, "ctbus: a returned std::pair could be two outputs or one struct: return std::tuple for two, an aggregate for one");
    static_assert(M != task_not_itself, "ctbus: a handler that is a coroutine returns ctbus::task<T> by value, and not inside a result: T may be a result");
    static_assert(M != task_of_reference, "ctbus: a task gives a value, as what it refers to could be gone by then: name T, not T&, in ctbus::task<T>");
    static_assert(M != output_without_default, "ctbus: an output parameter is value-initialised before the call, but its type has no default constructor: return the value instead");
    static_assert(M != deferred_with_outputs, "ctbus: ctbus::deferred<Outs...> carries the outputs: return void and take no T& beside it");
    static_assert(M != deferred_by_reference, "ctbus: a deferred reply is taken by value, as ctbus::deferred<Outs...>: the handler owns it, and keeps it until it answers");
    static_assert(M != no_reply_with_outputs, "ctbus: a no_reply method cannot have a result or outputs: nobody would get them");
    static_assert(M != unserved_first_parameter, "ctbus: this class has no D-Bus form, and it is not the class that the vtable serves: name that with serves<S>, or specialise ctbus::wire for this one");
    static_assert(M != bad_member_name, "ctbus: a member's name has to be 1 to 255 letters, digits or underscores and must not begin with a digit");
    static_assert(M != bad_argument_name, "ctbus: an argument's name has to be 1 to 255 letters, digits or underscores and must not begin with a digit");
    static_assert(M != same_argument_names, "ctbus: two arguments have the same name: rename one");
    static_assert(M != bad_error_name, "ctbus: an error's name has to be two or more elements of letters, digits and underscores, none beginning with a digit, joined by dots, at most 255 characters in all");
    static_assert(M != misplaced_option, "ctbus: this option does not belong to this kind of declaration: give it to the one that it is about, or remove it");
    static_assert(M != repeated_option, "ctbus: an option is given twice, or two that exclude one another: remove one");
    static_assert(M != bad_capability, "ctbus: a capability is one of the numbers CAP_... of linux/capability.h, which are from 0 to 63");
    static_assert(M != args_count, "ctbus: args<...> names another number of arguments than the function has: give one name for each input");
    static_assert(M != returns_count, "ctbus: returns<...> names another number of outputs than the function has: give one name for each output");
    static_assert(M != too_long_signature, "ctbus: all inputs, or all outputs, together may have a signature of at most 255 bytes: group them in structs or pass fewer");
    static_assert(M != not_a_signal, "ctbus: a signal is declared as signal<\"Name\", void(Arguments...)>, its arguments being values");
    static_assert(M != not_an_accessor, "ctbus: an accessor is given a data member, or a getter and perhaps a setter");
    static_assert(M != setter_wants_one_value, "ctbus: a setter takes one value, and perhaps the message after it");
    static_assert(M != setter_returns_value, "ctbus: a setter returns void, or result<void> to refuse");
    static_assert(M != getter_takes_arguments, "ctbus: a getter takes nothing (or the served instance) and returns the property's value");
    static_assert(M != accessor_types_differ, "ctbus: the getter and the setter of a property have different D-Bus signatures");
    static_assert(M != writable_needs_setter, "ctbus: a writable property needs a setter beside its getter, or a data member that is not const");
    static_assert(M != writable_member_borrows, "ctbus: a writable data member has to own its data: use std::string for std::string_view, a container for std::span");
    static_assert(M != setter_without_contract, "ctbus: the contract says that this property is read-only: leave the setter out, or mark the property writable");
    static_assert(M != two_change_flags, "ctbus: a property is at most one of constant, emits_change and emits_invalidation");
    static_assert(M != constant_and_writable, "ctbus: a constant property cannot be writable");
    static_assert(M != explicit_and_announced, "ctbus: explicit_get keeps a property out of PropertiesChanged, so that it cannot be emits_change");
    static_assert(M != reading_is_open, "ctbus: anybody may read a property: privileged and capability<> restrict who writes one, and this one is read-only");
    static_assert(M != bad_interface_name, "ctbus: an interface's name has to be two or more elements of letters, digits and underscores, none beginning with a digit, joined by dots, at most 255 characters in all");
    static_assert(M != reserved_interface, "ctbus: sd-bus serves this interface itself, ObjectManager by sd_bus_add_object_manager(): choose another name");
    static_assert(M != duplicate_method, "ctbus: two methods of one interface have the same name: D-Bus has no overloading, rename one");
    static_assert(M != duplicate_signal, "ctbus: two signals of one interface have the same name: rename one");
    static_assert(M != duplicate_property, "ctbus: two properties of one interface have the same name: rename one");
    static_assert(M != not_a_member, "ctbus: an interface is made of method<>, property<> and signal<> declarations");
    static_assert(M != not_an_item, "ctbus: a vtable is made of handler<>, accessor<>, signal<> (signals stand in the contract if there is one) and options");
    static_assert(M != not_a_contract, "ctbus: implements<Contract, ...> wants as its contract a struct derived from ctbus::interface<...>, publicly and from one only");
    static_assert(M != missing_method, "ctbus: a method of the contract has no handler: add handler<\"Name\", &class::function>");
    static_assert(M != missing_property, "ctbus: a property of the contract has no accessor: add accessor<\"Name\", &class::member>");
    static_assert(M != surplus_method, "ctbus: a handler is for a method that the contract does not have: declare it there, or remove the handler");
    static_assert(M != surplus_property, "ctbus: an accessor is for a property that the contract does not have: declare it there, or remove the accessor");
    static_assert(M != different_inputs, "ctbus: a handler's inputs have another D-Bus signature than the contract's method");
    static_assert(M != different_outputs, "ctbus: a handler's outputs have another D-Bus signature than the contract's method");
    static_assert(M != different_property_type, "ctbus: an accessor's type has another D-Bus signature than the contract's property");
    static_assert(M != contract_option_repeated, "ctbus: this option belongs to the contract's declaration: remove it from the implementation");
    static_assert(M != serves_no_class, "ctbus: serves<S> names the class itself: neither a reference, nor a pointer, nor const");
    static_assert(M != unrelated_classes, "ctbus: the functions of a vtable belong to classes that do not derive from one another: name the class with serves<S>");
    static_assert(M != of_another_class, "ctbus: a handler or accessor belongs to a class that is not a public base of the class which the vtable serves");
    static_assert(M != not_a_vtable, "ctbus: an object wants structs derived from ctbus::vtable<...> or ctbus::implements<...>, publicly and from one only");
    static_assert(M != not_an_interface, "ctbus: an interface is a struct derived from ctbus::interface<...>, ctbus::vtable<...> or ctbus::implements<...>, publicly and from one only");
    static_assert(M != needs_instance, "ctbus: this vtable serves a class: give the object an instance of it");
    static_assert(M != surplus_instance, "ctbus: this vtable serves no class: make the object without an instance, or name the class with serves<S>");
    static_assert(M != duplicate_interface, "ctbus: two vtables of this object have the same interface name: an interface is on a path once");
    static_assert(M != pointer_instance, "ctbus: the instance is given as a pointer: give the object itself, as *pointer");
    static_assert(M != wrong_instance, "ctbus: the instance is not of the class that the vtable serves, nor of one derived from it, publicly and from one only");
    static_assert(M != const_instance, "ctbus: a const instance cannot serve a vtable with handlers or accessors that change it");
    static_assert(M != temporary_instance, "ctbus: the instance has to outlive the object: give it a name, a temporary is gone at once");
    static_assert(M != temporary_connection, "ctbus: this connection is closed at once, and what is made on it is gone: give the connection a name, so that it lives as long");
    static_assert(M != name_as_argument, "ctbus: a member's name is a template argument, as in call<\"Name\">(arguments...)");
    static_assert(M != braced_argument, "ctbus: an argument in braces has no type: name it, as in call<\"Name\">(point{1, 2})");
    static_assert(M != unknown_method, "ctbus: the interface has no method of this name");
    static_assert(M != unknown_property, "ctbus: the interface has no property of this name");
    static_assert(M != unknown_signal, "ctbus: the interface has no signal of this name");
    static_assert(M != ambiguous_member, "ctbus: two interfaces of this object have a member of this name: say which, as in emit<Interface, \"Name\">");
    static_assert(M != too_few_arguments, "ctbus: too few arguments: give one for each parameter of the declaration");
    static_assert(M != too_many_arguments, "ctbus: too many arguments: give one for each parameter of the declaration");
    static_assert(M != outputs_as_arguments, "ctbus: the outputs are given as arguments too: give the inputs only, since a call returns its outputs");
    static_assert(M != wrong_argument, "ctbus: an argument has a type that ctbus does not take for the parameter's type: give a value of that type");
    static_assert(M != floating_for_integer, "ctbus: a floating value is given where the declaration has an integer: convert it yourself");
    static_assert(M != number_for_bool, "ctbus: a number is given where the declaration has bool: compare it yourself");
    static_assert(M != read_only_property, "ctbus: the property is read-only: mark it writable in the interface, or do not set it");
    static_assert(M != not_announced, "ctbus: the property announces no changes: mark it emits_change or emits_invalidation");
    static_assert(M != announced_twice, "ctbus: changed<...> names a property twice: name each once");
    static_assert(M != not_a_callback, "ctbus: a callback is something that can be called with the signal's arguments, and has one operator(): in place of std::bind_front or a generic lambda, write a lambda with their types");
    static_assert(M != callback_parameters, "ctbus: the callback's parameters have another D-Bus signature than the signal: take its arguments, and perhaps the message last");
    static_assert(M != not_an_answer_callback, "ctbus: the callback of an asynchronous call is called as callback(result): it takes one ctbus::result<T>, T being what the call gives (void for nothing, a tuple for several outputs)");
    static_assert(M != not_a_call_callback, "ctbus: the callback of a raw_object, or of match_messages(), is called as callback(message): it takes one const ctbus::message&");
    static_assert(M != not_a_plain_callback, "ctbus: this function is called as function(): it takes no arguments");
    static_assert(M != not_a_loss_callback, "ctbus: the function for a lost connection is called as function(error): it takes one const ctbus::error&");
    static_assert(M != not_an_object_callback, "ctbus: the callbacks of watch_objects() are called as added(path) or added(path, properties), and removed(path): path is a ctbus::object_path_view, properties a type of the signature a{sv}");
    static_assert(M != not_a_change_callback, "ctbus: the callback of on_changed() is called as callback(value), with the property's new value, or as callback(): it is a lambda, or a function, with the value's type");
    static_assert(M != callback_is_coroutine, "ctbus: the task that this callback returns would never run: give it to bus.spawn() inside a callback that returns nothing");
    static_assert(M != callback_result_is_lost, "ctbus: nobody looks at the result, error, answer or operation that this callback returns: deal with it inside, and return nothing");
    static_assert(M != awaited_as_lvalue, "ctbus: a task or an operation is awaited, run or spawned once: give it as std::move(it)");
    static_assert(M != not_awaitable, "ctbus: this cannot be awaited: co_await an async_call(), a task, after() or stream.next()");
    static_assert(M != not_a_task, "ctbus: run() and spawn() take a ctbus::task, or a function without parameters that returns one: await an operation in such a function, or use then()");
    static_assert(M != wrong_co_return, "ctbus: co_return gives something of which the task's value cannot be made: give a T to a task<T>, and or_throw(result) for a result<T>");
    static_assert(M != not_all_properties, "ctbus: get_all() reads properties into a type of the signature a{sv}, such as std::map<std::string, ctbus::variant>, that owns its data");
    static_assert(M != not_a_visitor, "ctbus: visit() calls its function with every basic type, and with (std::vector<ctbus::variant>, ctbus::container): take all of them, and return one type");
    static_assert(M != not_a_name_flag, "ctbus: request_name() takes, after the name, any of ctbus::name_flag's flags, one by one");
    static_assert(M != does_not_own, "ctbus: a struct that a proxy returns has to own its data: use std::string for std::string_view, a container for std::span");
    // clang-format on
    return true;
}

/// Shows the sentence about `M`, if there is something wrong. `Where` names what is meant (a
/// member's name, a parameter's position, a type), so that it appears in the compiler's output.
template <mistake M, class... Where>
consteval bool sentence() {
    if constexpr (M != mistake::none) return explain<M, Where...>();
    else return true;
}

} // namespace ctbus::require

namespace ctbus::detail {

/// For the compiler's output: a type, one inside it, ..., the one that cannot travel.
template <class... Ts>
struct nesting {};

// What a value of `T` consists of, as far as that can be told.
template <class T>
consteval auto parts_of() {
    using enum codec::kind;
    constexpr auto k = codec::kind_of<T>();
    if constexpr (k == wire) {
        using mapped = typename ctbus::wire<T>::type;
        if constexpr (std::is_same_v<mapped, T>) return type_list<>{};
        else return type_list<mapped>{};
    } else if constexpr (k == array) return type_list<codec::element_t<T>>{};
    else if constexpr (k == map)
        return type_list<std::remove_cvref_t<typename T::key_type>, typename T::mapped_type>{};
    else if constexpr (k == closed_variant) return alternatives_of<T>{};
    else if constexpr (k == tuple) return codec::fields_of<T>{};
    else if constexpr (k == structure || k == dict_struct) {
        if constexpr (aggregate_mistake<T>() != mistake::none) return type_list<>{};
        else return travelling_fields<T>();
    } else return type_list<>{};
}

template <direction Way>
consteval auto first_wrong(type_list<>) {
    return type_list<>{};
}
template <direction Way, class First, class... Rest>
consteval auto first_wrong(type_list<First, Rest...>) {
    using T = std::remove_const_t<First>;
    if constexpr (type_mistake<T, Way>() != mistake::none) return type_list<T>{};
    else return first_wrong<Way>(type_list<Rest...>{});
}

// A type that contains itself is too deep.
template <direction Way, class... Outer>
consteval auto find_nesting(type_list<>, type_list<Outer...>) {
    return nesting<Outer...>{};
}
template <direction Way, class T, class... Outer>
consteval auto find_nesting(type_list<T>, type_list<Outer...>) {
    if constexpr (type_mistake<T, Way>() == mistake::too_deep) return nesting<Outer..., T>{};
    else return find_nesting<Way>(first_wrong<Way>(parts_of<T>()), type_list<Outer..., T>{});
}

/// Where the mistake is in the first wrong one of `Types`, a type_list.
template <class Types, direction Way = direction::both>
using nesting_in = decltype(find_nesting<Way>(first_wrong<Way>(Types{}), type_list<>{}));

} // namespace ctbus::detail

namespace ctbus::require {

/// The sentence about the first of `Ts` that cannot travel that way, if there is one.
template <detail::direction Way, class... Ts>
consteval bool all_travel() {
    if constexpr (((type_mistake<Ts, Way>() == mistake::none) && ...)) return true;
    else {
        constexpr int at = first_true({(type_mistake<Ts, Way>() != mistake::none)...});
        using T = type_at<at, type_list<Ts...>>;
        return sentence<type_mistake<T, Way>(), detail::nesting_in<type_list<T>, Way>, T>();
    }
}
template <class T, detail::direction Way = detail::direction::both>
consteval bool travels() {
    return all_travel<Way, T>();
}
template <class... Ts>
consteval bool writable_all() {
    return all_travel<detail::direction::write, Ts...>();
}
template <class... Ts>
consteval bool readable_all() {
    return all_travel<detail::direction::read, Ts...>();
}

} // namespace ctbus::require

namespace ctbus {

namespace detail {

// Whatever can be read can be written.
template <class... Ts>
consteval std::string_view judged_signature() {
    static_assert(require::writable_all<Ts...>());
    if constexpr ((writable_type<Ts> && ...)) {
        constexpr mistake together = signature_mistake(codec::sign<Ts...>());
        static_assert(require::sentence<together, type_list<Ts...>>());
        if constexpr (together == mistake::none) return codec::signature_of<Ts...>;
    }
    return {};
}

} // namespace detail

/// The D-Bus signature of `Ts...`, ending in NUL.
template <class... Ts>
inline constexpr std::string_view signature_of =
    detail::judged_signature<std::remove_const_t<Ts>...>();

} // namespace ctbus

namespace ctbus::codec {

/// Of a type that cannot travel: says why where nothing has, and leaves it at that.
template <class T>
struct of<T, kind::none> {
    static_assert(require::travels<T>());
    static constexpr void sign(signature_builder&) {}
    static int append(auto&, const auto&) { return 0; }
    static int read(auto&, auto&) { return 0; }
};

} // namespace ctbus::codec
