"""Runs the rows of the benchmark programs, for counts.py and run_all.py."""
import collections
import concurrent.futures
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile


def rows_of(program):
    """{row: (times, holds)} of one benchmark program."""
    listed = subprocess.run([program, "--list"], check=True, stdout=subprocess.PIPE, text=True)
    lines = (line.split() for line in listed.stdout.splitlines())
    return {name: (int(times), holds == "holds") for name, times, holds in lines}


def count(program, row, times):
    """(instructions, heap calls) of one piece of work, counted in a process of its own."""
    limit = 3000 if row.endswith("_100000") else 300  # seconds
    with tempfile.TemporaryDirectory() as directory:
        out = pathlib.Path(directory, "out")
        heap_calls = subprocess.run(
            ["valgrind", "--tool=callgrind", "--instr-atstart=no", "--quiet",
             f"--callgrind-out-file={out}", program, "--count", row, str(times)],
            check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            timeout=limit).stdout
        total = re.search(r"^totals: (\d+)", out.read_text(), re.M)
        return int(total[1]) / times, int(heap_calls) / times


class Counts:
    """(instructions, heap calls) of each row, from several processes: the least, which is what
    repeats, for sd-bus seeds its hash tables at random; of rows with two threads the middle one,
    for there chance decides who waits, and the least falls with each further process. What fails is
    told and left out."""

    def __init__(self):
        self.figures = {}
        self._all = collections.defaultdict(list)

    def _add_one(self, job):
        program, row, times = job
        try:
            counted = count(program, row, times)
        except (subprocess.SubprocessError, TypeError) as e:
            print(f"{row}: {e} {getattr(e, 'stderr', '') or ''}", file=sys.stderr)
            return
        self._all[row].append(counted)
        pick = statistics.median_low if row.endswith("_direct") else min
        self.figures[row] = tuple(pick(values) for values in zip(*self._all[row]))

    def add(self, jobs):
        """`jobs`: (program, row, times), one for each process."""
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(self._add_one, jobs))

    def ratio(self, work, library="ctbus"):
        """Instructions, of those of raw sd-bus."""
        return self.figures[f"{library}/{work}"][0] / self.figures[f"raw_sd_bus/{work}"][0]


def measure_bytes(program, row):
    """What the heap holds when the work has made all that it makes."""
    return int(subprocess.run([program, "--bytes", row], check=True, stdout=subprocess.PIPE,
                              text=True).stdout)
