#!/usr/bin/env bash
# Runs a command with a session bus and a system bus of its own, and cleans up after it:
#
#   with_bus.sh [--service NAME=COMMAND]... [--] COMMAND [ARGUMENT...]
#
# --service   lets both buses start COMMAND when NAME is called
#
# What the command finds in its environment:
#   DBUS_SESSION_BUS_ADDRESS, DBUS_SYSTEM_BUS_ADDRESS   the two buses; any user may connect
#   CTBUS_SERVICE_DIR   where to put more .service files (then call ReloadConfig on the bus)
# What it may be given there:
#   CTBUS_TIMEOUT       seconds until the command is stopped (150; less than ctest's own limit,
#                       since what ctest kills cannot clean up)
# Nobody may own the name org.ctbus.Denied, nor any name below it.
#
# Ends with the command's exit status; what the daemons and the services they started wrote to
# standard error is shown if that is not 0. A sanitizer's report in there is a failure too.
# Every process that was started here is stopped, by whatever way it came, and no file is left.
set -eu

service_names=()
service_commands=()
while [ $# -gt 0 ]; do
    case $1 in
    --service)
        service_names+=("${2%%=*}")
        service_commands+=("${2#*=}")
        shift 2
        ;;
    --)
        shift
        break
        ;;
    *) break ;;
    esac
done

dir=$(mktemp -d)
chmod 711 "$dir" # other users need to reach the sockets
trap 'cleanup $?' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# The processes started here: they are known by their environment.
started() {
    local found
    found=$(CTBUS_SERVICE_DIR='' grep -lzFx "CTBUS_SERVICE_DIR=$dir/services" \
        /proc/[0-9]*/environ 2>/dev/null) || true
    found=${found//\/proc\//}
    echo "${found//\/environ/}"
}

cleanup() {
    local status=$1 left tries
    trap '' HUP INT TERM
    left=$(started)
    [ -z "$left" ] || kill $left 2>/dev/null || true
    for ((tries = 0; tries < 100; ++tries)); do
        left=$(started)
        [ -n "$left" ] || break
        sleep 0.05
    done
    [ -z "$left" ] || kill -KILL $left 2>/dev/null || true
    wait
    if grep -qsE 'Sanitizer|runtime error:' "$dir/log"; then
        [ "$status" -ne 0 ] || status=1
    fi
    [ "$status" -eq 0 ] || cat "$dir/log" >&2 || true
    rm -rf "$dir"
    exit "$status"
}

start_bus() { # session or system
    cat >"$dir/$1.conf" <<END
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>$1</type>
  <listen>unix:path=$dir/$1</listen>
  <auth>EXTERNAL</auth>
  <servicedir>$dir/services</servicedir>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <deny own_prefix="org.ctbus.Denied"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
  </policy>
  <limit name="max_names_per_connection">50000</limit>
  <limit name="max_match_rules_per_connection">50000</limit>
  <limit name="max_replies_per_connection">50000</limit>
</busconfig>
END
    mkfifo "$dir/$1.ready"
    dbus-daemon --config-file="$dir/$1.conf" --nofork --nopidfile --print-address=3 \
        3>"$dir/$1.ready" 2>>"$dir/log" &
    if ! read -r -t 20 _ <"$dir/$1.ready"; then
        echo "with_bus.sh: the private $1 bus did not start" >&2
        exit 1
    fi
}

unset DBUS_STARTER_ADDRESS DBUS_STARTER_BUS_TYPE
export XDG_RUNTIME_DIR=$dir # where sd-bus would look for the machine's session bus
export DBUS_SESSION_BUS_ADDRESS=unix:path=$dir/session
export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$dir/system
export CTBUS_SERVICE_DIR=$dir/services

mkdir "$dir/services"
for i in "${!service_names[@]}"; do
    printf '[D-BUS Service]\nName=%s\nExec=%s\n' "${service_names[i]}" "${service_commands[i]}" \
        >"$dir/services/${service_names[i]}.service"
done
start_bus session
start_bus system

# In the background, so that a signal to this script is not kept waiting.
limit=${CTBUS_TIMEOUT:-150}
timeout --foreground --kill-after=5 "$limit" "$@" <&0 &
status=0
wait $! || status=$?
[ $status -ne 124 ] || echo "with_bus.sh: stopped after $limit s: $*" >&2
exit $status
