#!/usr/bin/env python3
"""Counts instructions and heap calls of each row, and prints ctbus beside raw sd-bus.

    counts.py PROGRAM [--times N] [--limit RATIO]

PROGRAM is the benchmark program; it runs under valgrind's callgrind, which counts the same on a
busy machine as on an idle one. With --limit it fails where a row takes more than RATIO of the
instructions of raw sd-bus, or another number of heap calls.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile


PROCESSES = 4


def count(program, row, times):
    """(instructions, heap calls) of one piece of work, counted in a process of its own."""
    with tempfile.TemporaryDirectory() as directory:
        out = pathlib.Path(directory, "out")
        heap_calls = subprocess.run(
            ["valgrind", "--tool=callgrind", "--collect-atstart=no", "--quiet",
             f"--callgrind-out-file={out}", program, "--count", row, str(times)],
            check=True, stdout=subprocess.PIPE, text=True).stdout
        total = re.search(r"^(?:totals|summary): (\d+)", out.read_text(), re.M)
        return int(total[1]) / times, int(heap_calls) / times


def count_all(program, times):
    """{row: (instructions, heap calls)}"""
    listed = subprocess.run([program, "--list"], check=True, stdout=subprocess.PIPE, text=True)
    rows = listed.stdout.split()
    # sd-bus seeds its hash tables at random: the least of several processes is what repeats.
    jobs = [row for row in rows for _ in range(PROCESSES)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        counts = list(pool.map(lambda row: count(program, row, times), jobs))
    return {row: min(counts[i * PROCESSES:(i + 1) * PROCESSES]) for i, row in enumerate(rows)}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("--times", type=int, default=100)
    arguments.add_argument("--limit", type=float)
    given = arguments.parse_args()

    rows = count_all(given.program, given.times)
    failed = []
    print(f"{'row':24} {'raw i':>10} {'ctbus i':>10} {'ratio':>7} {'raw heap':>9} {'heap':>7}")
    for name, (raw, raw_heap) in rows.items():
        side, _, row = name.partition("/")
        if side != "raw_sd_bus":
            continue
        own, own_heap = rows["ctbus/" + row]
        ratio = own / raw
        print(f"{row:24} {raw:10.0f} {own:10.0f} {ratio:7.3f} {raw_heap:9.2f} {own_heap:7.2f}")
        if given.limit and ratio > given.limit:
            failed.append(f"{row}: {ratio:.3f} of raw sd-bus's instructions")
        if given.limit and own_heap != raw_heap:
            failed.append(f"{row}: {own_heap:.2f} heap calls beside {raw_heap:.2f}")
    for line in failed:
        print("too much: " + line, file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
