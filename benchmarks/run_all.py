#!/usr/bin/env python3
"""Runs all benchmarks and writes the page RESULTS.md with its plots.

    run_all.py BUILD_DIR [--processes N] [--only WHAT ...] [--programs NAME ...] [--page-only]

BUILD_DIR is a build directory with CTBUS_BENCHMARKS (`cmake --preset benchmark`), which is built
first. What was measured is kept there, in benchmarks/results.json; with --only, WHAT (seconds,
bytes, compile_time, counts) is measured again, with --programs the rows of those programs, and
--page-only only writes the page.
benchmarks/README.md says what to install.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys

import counting
import machine
import page

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "compile_time"))
import measure  # noqa: E402

PROGRAMS = ["ctbus_benchmarks", "benchmarks_sdbus_cpp", "benchmarks_gdbus", "benchmarks_qt_dbus",
            "benchmarks_libdbus"]


def measure_counts(programs, processes):
    """{row: [instructions, heap calls]}; the rows of 100,000 objects, which take long, once."""
    counts = counting.Counts()
    for program in programs:
        rows = counting.rows_of(program)
        counts.add([(program, row, times) for row, (times, _) in rows.items()
                    for _ in range(1 if row.endswith("_100000") else processes)])
        if missing := rows.keys() - counts.figures.keys():
            sys.exit(f"run_all.py: the page would lack {', '.join(sorted(missing))}")
    return counts.figures


def measure_bytes(programs):
    """{row: bytes} of what is held at most."""
    return {row: counting.measure_bytes(program, row) for program in programs
            for row, (_, holds) in counting.rows_of(program).items() if holds}


def measure_times(programs):
    """{row: seconds}: the least of five repetitions, those of all rows mixed, so that a machine that
    is busy for a while slows no row alone. All on one processor: a service in another thread, or a
    bus, is then reached without waking another one."""
    seconds = {}
    scale = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
    processor = min(os.sched_getaffinity(0))
    for program in programs:
        ran = subprocess.run(
            [program, "--benchmark_format=json", "--benchmark_repetitions=5",
             "--benchmark_enable_random_interleaving=true", "--benchmark_min_time=0.02"],
            check=True, stdout=subprocess.PIPE,
            preexec_fn=lambda: os.sched_setaffinity(0, {processor}))
        least = {}
        for run in json.loads(ran.stdout)["benchmarks"]:
            if run["run_type"] != "iteration":
                continue
            name = run["run_name"].removesuffix("/real_time")
            time = run["real_time"] * scale[run["time_unit"]]
            least[name] = min(time, least.get(name, time))
        seconds |= {row: least[row] for row in counting.rows_of(program)}  # in their order
    return seconds


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("build", type=pathlib.Path)
    arguments.add_argument("--processes", type=int, default=3)
    arguments.add_argument("--only", nargs="+", default=[])
    arguments.add_argument("--programs", nargs="+", default=PROGRAMS)
    arguments.add_argument("--page-only", action="store_true")
    given = arguments.parse_args()
    kept = given.build / "benchmarks" / "results.json"
    if not given.page_only:
        subprocess.run(["cmake", "--build", given.build, "-j", str(os.cpu_count())], check=True)
        programs = [str(p) for p in (given.build / "benchmarks" / name for name in given.programs)
                    if p.exists()]
        again = given.only or given.programs != PROGRAMS
        results = json.loads(kept.read_text()) if again else {}
        results["machine"] = machine.describe()
        for what, measured in (("seconds", lambda: measure_times(programs)),
                               ("bytes", lambda: measure_bytes(programs)),
                               ("compile_time",
                                lambda: measure.measure(measure.installed()[0], measure.PROGRAMS,
                                                        measure.LEVELS, 3)),
                               ("counts", lambda: measure_counts(programs, given.processes))):
            if given.only and what not in given.only:
                continue
            print(f"-- {what}", flush=True)
            results.setdefault(what, {}).update(measured())
            kept.write_text(json.dumps(results, indent=1))
    page.write(json.loads(kept.read_text()), HERE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
