#!/usr/bin/env python3
"""Counts instructions and heap calls of each row, and prints ctbus beside raw sd-bus.

    counts.py PROGRAM [--processes N] [--only PATTERN] [--strict] [--update-baseline]

PROGRAM is ctbus_benchmarks; it runs under valgrind's callgrind, which counts the same on a busy
machine as on an idle one. Fails where ctbus needs more beside raw sd-bus than baseline.json says,
by more than limits.json allows; with --strict also where a target in limits.json is missed, which
is printed in any case. --update-baseline writes baseline.json anew: of the rows that are counted,
those that need more than before, or less by more than they vary. Do it twice.

Rows through a bus are left out, for they depend on when the bus is scheduled, and the row of
100,000 objects, which takes long; run_all.py has them.
"""
import argparse
import fnmatch
import json
import pathlib
import re
import sys

import counting

HERE = pathlib.Path(__file__).resolve().parent
BASELINE = HERE / "baseline.json"
LEFT_OUT = re.compile("_daemon$|_broker$|export_100000$")


def limit_of(name, table):
    """The first entry of a table of patterns that fits, or None."""
    return next((limit for pattern, limit in table if fnmatch.fnmatchcase(name, pattern)), None)


class Judge:
    """What is wrong with each row, by limits.json and baseline.json."""

    def __init__(self, limits, baseline):
        self.limits, self.baseline = limits, baseline

    def misses(self, name, counts):
        """Targets that a row misses."""
        raw, own = counts.figures["raw_sd_bus/" + name], counts.figures["ctbus/" + name]
        by_hand = counts.figures.get("by_hand/" + name)
        ratio = own[0] / raw[0]
        limit = limit_of(name, self.limits["instructions_of_raw"])
        if round(ratio, 3) > limit:
            yield f"{ratio:.3f} of raw sd-bus's instructions, not {limit:.2f}"
        limit = limit_of(name, self.limits["instructions_of_by_hand"])
        if by_hand and limit and round(own[0] / by_hand[0], 3) > limit:
            yield f"{own[0] / by_hand[0]:.3f} of the instructions by hand, not {limit:.2f}"
        allowed = raw[1] + limit_of(name, self.limits["heap_calls_over_raw"])
        if own[1] > allowed + 0.5:
            yield f"{own[1]:.2f} heap calls, not {allowed:.2f}"

    @staticmethod
    def heap_rise(name, counts, before):
        """How many heap calls over raw sd-bus there are more than before."""
        over = counts.figures["ctbus/" + name][1] - counts.figures["raw_sd_bus/" + name][1]
        return over - (before["ctbus"][1] - before["raw_sd_bus"][1])

    def stays(self, name, counts):
        """Whether what the baseline has is only a little more: by chance, rows vary."""
        before = self.baseline.get(name)
        ratio = counts.ratio(name)
        return (before and ratio < before["ratio"] <= ratio * self.limits["rise_over_baseline"]
                and abs(self.heap_rise(name, counts, before)) < 0.5)

    def rises(self, name, counts):
        """Where a row needs more than it did."""
        before = self.baseline.get(name)
        if not before:
            return
        ratio = counts.ratio(name)
        if ratio > before["ratio"] * self.limits["rise_over_baseline"]:
            yield f"{ratio:.3f} of raw sd-bus's instructions, before {before['ratio']:.3f}"
        # Between two threads, as in these rows, chance decides when a queue grows.
        chance = 0.005 * before["raw_sd_bus"][1] if name.endswith("_direct") else 0
        rise = self.heap_rise(name, counts, before)
        if rise > max(0.5, chance):
            yield f"{rise:.2f} more heap calls over raw sd-bus's"


def count_rows(program, only, processes, judge):
    rows = {row: times for row, (times, _) in counting.rows_of(program).items()
            if only.search(row) and not LEFT_OUT.search(row)}
    counts = counting.Counts()
    counts.add([(program, row, times) for row, times in rows.items() for _ in range(processes)])
    names = [row.partition("/")[2] for row in rows if row.startswith("raw_sd_bus/")]
    # Where chance may have had a part in it: again, and longer, until it is clear or goes on so.
    for _ in range(4):
        close = [name for name in names if any(judge.rises(name, counts)) or
                 0 < round(counts.ratio(name), 3) -
                 limit_of(name, judge.limits["instructions_of_raw"]) < 0.03]
        counts.add([(program, row, rows[row]) for name in close for _ in range(4 * processes)
                    for row in (f"raw_sd_bus/{name}", f"ctbus/{name}")])
    return names, counts


def print_table(names, counts):
    print(f"{'row':28} {'raw i':>10} {'ctbus i':>10} {'ratio':>7} {'raw heap':>9} {'heap':>9}")
    for name in names:
        raw, own = counts.figures["raw_sd_bus/" + name], counts.figures["ctbus/" + name]
        print(f"{name:28} {raw[0]:10.0f} {own[0]:10.0f} {counts.ratio(name):7.3f} "
              f"{raw[1]:9.2f} {own[1]:9.2f}")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("--processes", type=int, default=2)
    arguments.add_argument("--only", type=re.compile, default=re.compile(""))
    arguments.add_argument("--strict", action="store_true")
    arguments.add_argument("--update-baseline", action="store_true")
    given = arguments.parse_args()

    baseline = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    judge = Judge(json.loads((HERE / "limits.json").read_text()), baseline)
    names, counts = count_rows(given.program, given.only, given.processes, judge)
    print_table(names, counts)
    misses = [f"{name}: {miss}" for name in names for miss in judge.misses(name, counts)]
    rises = [f"{name}: {rise}" for name in names for rise in judge.rises(name, counts)]
    for line in misses:
        print("misses its target: " + line)
    if given.update_baseline:
        baseline.update({name: {
            "ratio": round(counts.ratio(name), 4),
            "ctbus": [round(n, 2) for n in counts.figures["ctbus/" + name]],
            "raw_sd_bus": [round(n, 2) for n in counts.figures["raw_sd_bus/" + name]],
        } for name in names if not judge.stays(name, counts)})
        lines = [f"    {json.dumps(name)}: {json.dumps(of)}"
                 for name, of in sorted(baseline.items())]
        BASELINE.write_text("{\n" + ",\n".join(lines) + "\n}\n")
        return 0
    for line in rises:
        print("needs more than before: " + line, file=sys.stderr)
    return 1 if rises or (misses and given.strict) else 0


if __name__ == "__main__":
    sys.exit(main())
