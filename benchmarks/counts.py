#!/usr/bin/env python3
"""Counts instructions and heap calls of each row, and prints ctbus beside raw sd-bus.

    counts.py PROGRAM [--times N] [--limit RATIO] [--limit-of PREFIX RATIO]

PROGRAM is the benchmark program; it runs under valgrind's callgrind, which counts the same on a
busy machine as on an idle one. With --limit it fails where a row takes more than RATIO of the
instructions of raw sd-bus, or another number of heap calls; --limit-of is the RATIO of those rows
whose names begin so.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile


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


class Counts:
    """The least (instructions, heap calls) of each row over several processes: sd-bus seeds its
    hash tables at random, and the least is what repeats."""

    def __init__(self, program, times):
        self.program, self.times, self.least = program, times, {}
        listed = subprocess.run([program, "--list"], check=True, stdout=subprocess.PIPE, text=True)
        self.rows = listed.stdout.split()

    def add(self, rows, processes):
        jobs = [row for row in rows for _ in range(processes)]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            counted = pool.map(lambda row: count(self.program, row, self.times), jobs)
            for row, (instructions, heap) in zip(jobs, counted):
                before = self.least.get(row, (instructions, heap))
                self.least[row] = min(before[0], instructions), min(before[1], heap)

    def ratio(self, row):
        return self.least["ctbus/" + row][0] / self.least["raw_sd_bus/" + row][0]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("--times", type=int, default=100)
    arguments.add_argument("--limit", type=float)
    arguments.add_argument("--limit-of", nargs=2, action="append", default=[],
                           metavar=("PREFIX", "RATIO"))
    given = arguments.parse_args()

    def too_much(name, ratio):
        own = [float(limit) for prefix, limit in given.limit_of if name.startswith(prefix)]
        return given.limit and ratio > (own[0] if own else given.limit)

    counts = Counts(given.program, given.times)
    counts.add(counts.rows, 4)
    names = [row.partition("/")[2] for row in counts.rows if row.startswith("raw_sd_bus/")]
    close = [name for name in names if too_much(name, counts.ratio(name))]
    counts.add([f"{side}/{name}" for name in close for side in ("raw_sd_bus", "ctbus")], 16)

    failed = []
    print(f"{'row':24} {'raw i':>10} {'ctbus i':>10} {'ratio':>7} {'raw heap':>9} {'heap':>7}")
    for name in names:
        raw, raw_heap = counts.least["raw_sd_bus/" + name]
        own, own_heap = counts.least["ctbus/" + name]
        ratio = counts.ratio(name)
        print(f"{name:24} {raw:10.0f} {own:10.0f} {ratio:7.3f} {raw_heap:9.2f} {own_heap:7.2f}")
        if too_much(name, ratio):
            failed.append(f"{name}: {ratio:.3f} of raw sd-bus's instructions")
        if given.limit and own_heap != raw_heap:
            failed.append(f"{name}: {own_heap:.2f} heap calls beside {raw_heap:.2f}")
    for line in failed:
        print("too much: " + line, file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
