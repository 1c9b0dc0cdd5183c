// The calculator's contract, which its service and its client share.
#pragma once

#include <ctbus/ctbus.hpp>

#include <cstdint>
#include <string>

struct Calculator :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Add", double(double, double), ctbus::args<"a", "b">, ctbus::returns<"sum">>,
        ctbus::method<"DivMod", void(std::int32_t, std::int32_t, std::int32_t&, std::int32_t&)>,
        ctbus::method<"Reset", void(), ctbus::no_reply>,
        ctbus::property<"Precision", std::uint32_t, ctbus::writable, ctbus::emits_change>,
        ctbus::signal<"Overflowed", void(std::string, double), //
            ctbus::args<"operation", "value">>> {};
