#!/usr/bin/env bash
# The rows of every vtable are constant data, read-only once the program is relocated: nobody can
# change what a service does by writing to them, and processes share the pages.
set -euo pipefail

status=0
complain() {
    echo "constant_rows.sh: $*" >&2
    status=1
}

check() { # program, number of vtables
    local program=$CTBUS_BUILD_DIR/tests/bus/$1 wanted=$2 count=0
    local address section size name start end
    # Where the program is made read-only after it was relocated.
    read -r start end < <(readelf --segments --wide "$program" |
        awk '$1 == "GNU_RELRO" { print $3, $6 }')
    # Mangled names: not all of them can be demangled.
    while read -r address section size name; do
        count=$((count + 1))
        case $section in
        .rodata) ;;
        .data.rel.ro)
            ((0x$address >= start && 0x$address + 0x$size <= start + end)) ||
                complain "$(c++filt "$name") is not in the part that becomes read-only"
            ;;
        *) complain "$(c++filt "$name") is in $section" ;;
        esac
    done < <(objdump --syms "$program" |
        sed -nE 's/^([0-9a-f]+) .{7} (\S+)\s+([0-9a-f]+) +.*(_ZN5ctbus\S*4rowsE)$/\1 \2 \3 \4/p' |
        sort -u -k 1,1) # later linkers give some of them two symbols
    [ "$count" -eq "$wanted" ] || complain "$1 has the rows of $count vtables, not of $wanted"
}

# As many as the program has structs derived from ctbus::vtable and ctbus::implements.
check types_service "$(grep -cE '^struct \w+ : ctbus::(vtable|implements)<' \
    "$(dirname "$0")/programs/types_service.cpp")"
exit $status
