#!/usr/bin/env bash
# Runs the calculator under a bus of its own and shows what happens:  demo.sh [BUILD_DIR]
set -euo pipefail

source_dir=$(cd "$(dirname "$0")/.." && pwd)
build_dir=${1:-${CTBUS_BUILD_DIR:-$source_dir/build/demo}}
service=$build_dir/examples/example_calculator_service
client=$build_dir/examples/example_calculator_client

# First it calls itself with a bus that can start the service, and that is gone afterwards.
if [ -z "${CTBUS_SERVICE_DIR:-}" ]; then
    exec "$source_dir/tests/bus/with_bus.sh" --service "org.example.Calculator=$service" -- \
        bash "$0" "$build_dir"
fi

title() { printf '\n--- %s\n' "$*"; }
show() {
    printf '$ %s\n' "$*"
    "$@" 2>&1
}
calculator=(org.example.Calculator /org/example/calculator org.example.Calculator)

title "The client; its first call starts the service"
"$client"

title "Any other D-Bus client"
show busctl --user call "${calculator[@]}" Add dd 1 2
show busctl --user call "${calculator[@]}" DivMod ii 1 0 || true
show busctl --user set-property "${calculator[@]}" Precision u 7
show busctl --user get-property "${calculator[@]}" Precision
show busctl --user introspect "${calculator[@]}"

title "The interface, with its arguments' names"
busctl --user introspect --xml-interface "${calculator[@]:0:2}" |
    sed -n '/<interface name="org.example.Calculator">/,/<\/interface>/p'

title "The client again, with CTBUS_DEBUG=1: the first call as it was sent"
CTBUS_DEBUG=1 "$client" 2>&1 >/dev/null | grep 'Calculator.Add' | sed -n 1p
