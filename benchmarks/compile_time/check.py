#!/usr/bin/env python3
"""Checks what it takes to compile a service: for continuous integration.

    check.py [--strict] [--update-baseline]

Counts the compiler's instructions under valgrind (exp-bbv), for times are not to be trusted on a
busy machine; beside sdbus-c++ where that is installed. Fails where a figure is higher than in
baseline.json by more than limits.json allows, with --strict also where it misses its target.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import judge
import measure

HERE = pathlib.Path(__file__).resolve().parent
LIMITS, BASELINE = HERE.parent / "limits.json", HERE / "baseline.json"
# Only of these are instructions counted.
COUNTED = [("ctbus", "fifty_methods"), ("ctbus", "five_methods"), ("ctbus", "trivial_service"),
           ("sdbus_cpp", "trivial_service")]
SIZED = COUNTED[:3] + [("c", name) for _, name in COUNTED[:3]]


def count(program):
    """The instructions of the compiler proper and of the assembler."""
    with tempfile.TemporaryDirectory() as directory:
        log = pathlib.Path(directory, "log.%p")
        subprocess.run([*program.command()[:1], "-wrapper",
                        "valgrind,--tool=exp-bbv,--instr-count-only=yes,"
                        f"--bb-out-file=/dev/null,--log-file={log}", *program.command()[1:]],
                       check=True, timeout=1200)
        return sum(int(re.search(r"Total instructions: (\d+)", written.read_text())[1])
                   for written in pathlib.Path(directory).iterdir())


def measure_all():
    there, _ = measure.installed()
    results = {}
    with tempfile.TemporaryDirectory() as directory:
        programs = {key: measure.Program(*key, "-O2", directory)
                    for key in dict.fromkeys(SIZED + COUNTED) if key[0] in there}
        counted = [key for key in COUNTED if key in programs]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            instructions = dict(zip(counted, pool.map(lambda k: count(programs[k]), counted)))
        for (library, name), program in programs.items():
            user, memory = program.compile()
            entry = {"user": user, "memory": memory * 1024}
            if (library, name) in instructions:
                entry["instructions"] = instructions[library, name]
            if (library, name) in SIZED:
                entry["size"], entry["loaded"] = program.sizes()
            results.setdefault(library, {})[name] = {"-O2": entry}
    return results


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--strict", action="store_true")
    arguments.add_argument("--update-baseline", action="store_true")
    given = arguments.parse_args()
    limits = json.loads(LIMITS.read_text())
    found = judge.figures(measure_all(), "instructions")
    for name, value in found.items():
        print(f"{name:32} {value:10.3f}   target {limits['compile_time'][name]:g}")
    misses = judge.misses(found, limits["compile_time"])
    for line in misses:
        print("misses its target: " + line)
    if given.update_baseline:
        BASELINE.write_text(json.dumps(found, indent=4) + "\n")
        return 0
    before = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    rises = judge.rises(found, before, limits["rise_over_baseline"])
    for line in rises:
        print("needs more than before: " + line, file=sys.stderr)
    return 1 if rises or (misses and given.strict) else 0


if __name__ == "__main__":
    sys.exit(main())
