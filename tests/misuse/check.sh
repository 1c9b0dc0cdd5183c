#!/usr/bin/env bash
# Checks that a mistake is answered with one sentence, which names a line of the file:
#   check.sh COMPILER [FLAG...] -- FILE
#
# The file compiles as it is. With -DMISUSE it holds one mistake; its first lines say what then
# happens:
#   // expect: SENTENCE           one error, and somewhere in the output this sentence
#   // expect-warning: SENTENCE   (instead) it compiles, and a warning says this sentence
#   // names: TEXT                the output has this text too (what the mistake is about); any number
#   // flags: FLAG...             further flags, for both compilations
#
# $CTBUS_HEADER, if set, is included first: a header with its precompiled form beside it. Files with
# flags of their own go without, since those would not fit it.
set -u

command=()
while [ "$1" != -- ]; do
    command+=("$1")
    shift
done
file=$2
name=${file##*/}

fail() {
    echo "$name: $*"
    [ -z "${output-}" ] || printf '%s\n' "$output"
    exit 1
}

kind= sentence= names=() flags=()
while IFS= read -r line; do
    case $line in
    '// expect: '* | '// expect-warning: '*)
        [ -z "$kind" ] || fail "two expectations"
        kind=${line%%: *} sentence=${line#*: }
        ;;
    '// names: '*) names+=("${line#*: }") ;;
    '// flags: '*) read -ra flags <<<"${line#*: }" ;;
    *) break ;;
    esac
done <"$file"
[ -n "$sentence" ] || fail "the first line is not '// expect: ...' or '// expect-warning: ...'"

if [ -n "${CTBUS_HEADER-}" ] && [ ${#flags[@]} -eq 0 ]; then
    command+=(-include "$CTBUS_HEADER")
fi

compile() {
    LC_ALL=C "${command[@]}" "${flags[@]}" -fsyntax-only "$@" "$file" 2>&1
}

output=$(compile) || fail "does not compile without -DMISUSE"
[[ $output != *"$sentence"* ]] || fail "says '$sentence' without -DMISUSE"

output=$(compile -DMISUSE)
status=$?
if [ "$kind" = '// expect' ]; then
    [ $status -ne 0 ] || fail "compiles with -DMISUSE"
    errors=$(grep -c ' error: ' <<<"$output")
    # GCC 13 and later tell of a bad literal twice: that the call is not constant, in their own
    # words, and why, by our sentence.
    if [ "$errors" -eq 2 ] && ! "${command[0]}" --version | grep -q clang &&
        [ "$("${command[0]}" -dumpversion | cut -d. -f1)" -gt 12 ] &&
        grep -q ' error: call to consteval function ' <<<"$output" &&
        grep ' error: ' <<<"$output" | grep -v 'call to consteval' | grep -qF -- "$sentence"; then
        errors=1
    fi
    [ "$errors" -eq 1 ] || fail "$errors errors instead of one"
else
    [ $status -eq 0 ] || fail "does not compile with -DMISUSE"
    grep ' warning: ' <<<"$output" | grep -qF -- "$sentence" || fail "no warning '$sentence'"
fi
for text in "$sentence" "${names[@]}"; do
    [[ $output == *"$text"* ]] || fail "the output does not say '$text'"
done
# Not the places where a header is included, which are told too.
grep -vE '^(In file included| +from) ' <<<"$output" | grep -qE "(^|[ /])$name:[0-9]+:" ||
    fail "the output names no line of the file"
