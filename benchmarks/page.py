"""Writes the page of the results: RESULTS.md, and its plots."""
import json
import pathlib
import sys

import charts
import counting
import counts as judging

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "compile_time"))
import judge as judge_compiling  # noqa: E402

NAMES = {"raw_sd_bus": "raw sd-bus", "ctbus": "ctbus", "sdbus_cpp": "sdbus-c++", "gdbus": "GDBus",
         "qt_dbus": "Qt D-Bus", "libdbus": "libdbus"}
COMPILED = {"c": "sd-bus in C", **{k: v for k, v in NAMES.items() if k != "raw_sd_bus"}}
PROGRAMS = {"trivial_service": "a service of one method", "calculator": "the README's calculator",
            "five_methods": "5 methods", "fifty_methods": "50 methods",
            "umbrella": "the headers alone"}

INTRODUCTION = """\
# Results of the benchmarks

Written by `benchmarks/run_all.py build/benchmark`, plots and all; [README.md](README.md) says what
the rows are, how they are measured and why some cells are empty (-).
"""


class Page:
    def __init__(self, results):
        self.results = results
        self.counts = counting.Counts()
        self.counts.figures = {row: tuple(both) for row, both in results["counts"].items()}
        self.lines = [INTRODUCTION]

    def works(self, *prefixes):
        """Names of rows without their library, in the order of the program that has most."""
        seen = dict.fromkeys(row.partition("/")[2] for row in self.results["counts"])
        order = {name: i for i, name in enumerate(self.results["seconds"])}
        named = [name for name in seen if name.startswith(prefixes)]
        return sorted(named, key=lambda name: order.get("raw_sd_bus/" + name, 1e6))

    def table(self, head, rows):
        self.lines.append("| " + " | ".join(head) + " |")
        self.lines.append("|" + "---|" + "--:|" * (len(head) - 1))
        self.lines += ["| " + " | ".join(row) + " |" for row in rows]
        self.lines.append("")

    def cell(self, library, work, number, text):
        row = f"{library}/{work}"
        if row not in self.results["counts"]:
            return "-"
        return text.format(number(row))

    def section(self, title, *prefixes, plot=None, note=""):
        """A table of relative instructions, and behind it times and heap calls."""
        works = self.works(*prefixes)
        self.lines += [f"## {title}", ""]
        if note:
            self.lines += [note, ""]
        if plot:
            self.lines += [f"![{title}]({plot})", ""]
        figures = self.counts.figures
        head = ["instructions", "raw sd-bus"] + [NAMES[k] for k in list(NAMES)[1:]]
        rows = []
        for work in works:
            raw = figures.get("raw_sd_bus/" + work)
            rows.append([f"`{work}`", f"{raw[0]:,.0f}" if raw else "-"] + [
                f"{figures[f'{k}/{work}'][0] / raw[0]:.3f}" if f"{k}/{work}" in figures and raw
                else "-" for k in list(NAMES)[1:]])
        self.table(head, rows)
        self.lines += ["<details><summary>times and heap calls</summary>", ""]
        self.table(["microseconds"] + list(NAMES.values()), [
            [f"`{work}`"] + [self.cell(k, work, lambda row: self.results["seconds"][row] * 1e6,
                                       "{:,.2f}") for k in NAMES] for work in works])
        self.table(["heap calls"] + list(NAMES.values()), [
            [f"`{work}`"] + [self.cell(k, work, lambda row: figures[row][1], "{:,.1f}")
                             for k in NAMES] for work in works])
        self.lines += ["</details>", ""]

    def by_hand(self):
        figures = self.counts.figures
        rows = []
        for row in figures:
            library, _, work = row.partition("/")
            if library == "by_hand":
                raw, own = figures["raw_sd_bus/" + work][0], figures["ctbus/" + work][0]
                hand = figures[row][0]
                rows.append([f"`{work}`", f"{raw:,.0f}", f"{own:,.0f}", f"{hand:,.0f}",
                             f"{own / hand:.2f}"])
        self.lines += ["## Beside bytes written by hand", ""]
        self.table(["instructions", "raw sd-bus", "ctbus", "by hand", "ctbus of by hand"], rows)

    def scale(self):
        """What one more object, method or subscriber costs."""
        figures, held = self.counts.figures, self.results["bytes"]
        self.lines += ["## Scale", "", "What one of many costs, in instructions and in bytes.", ""]

        def each(library, name, count, table, at=0):
            row = f"{library}/{name}"
            if row not in table:
                return "-"
            value = table[row][at] if isinstance(table[row], (list, tuple)) else table[row]
            return f"{value / count:,.0f}"

        rows = []
        for count in (1, 1000, 100000):
            rows.append([f"an object of {count:,}, instructions"] +
                        [each(k, f"export_{count}", count, figures) for k in NAMES])
        for count in (1, 1000, 100000):
            rows.append([f"an object of {count:,}, bytes"] +
                        [each(k, f"export_{count}", count, held) for k in NAMES])
        for count in (5, 50, 500):
            rows.append([f"registering a method of {count}, instructions"] +
                        [each(k, f"register_methods_{count}", count, figures) for k in NAMES])
        for count in (5, 50, 500):
            rows.append([f"registering a method of {count}, bytes"] +
                        [each(k, f"register_methods_{count}", count, held) for k in NAMES])
        for count in (5, 50, 500):
            rows.append([f"calling a method of {count}, instructions"] +
                        [each(k, f"method_of_{count}_daemon", 1, figures) for k in NAMES])
        for low, high in ((1, 10), (10, 100)):
            def slope(k):
                ends = [figures.get(f"{k}/signal_fan_out_{n}_daemon") for n in (low, high)]
                return f"{(ends[1][0] - ends[0][0]) / (high - low):,.0f}" if all(ends) else "-"
            rows.append([f"a subscriber from {low} to {high}, instructions"] +
                        [slope(k) for k in NAMES])
        self.table(["one more"] + list(NAMES.values()), rows)

    def compile_time(self):
        compiled = self.results["compile_time"]
        self.lines += ["## Compile time and size", "",
                       "![User time](compile_time.svg)", "", "![Size](size.svg)", ""]

        def cells(program, level, of):
            return [of(compiled[k][program][level]) if program in compiled.get(k, {}) else "-"
                    for k in COMPILED]

        for what, of in (("user seconds", lambda e: f"{e['user']:.2f}"),
                         ("peak MiB", lambda e: f"{e['memory'] / 2**20:.0f}"),
                         ("stripped bytes", lambda e: f"{e['size']:,}")):
            rows = [[f"{PROGRAMS[program]}, {level}"] + cells(program, level, of)
                    for program in PROGRAMS for level in ("-O2", "-Os")]
            self.table([what] + list(COMPILED.values()), rows)

        def per_method(k, level):
            if k not in compiled:
                return "-"
            five, fifty = (compiled[k][f"{n}_methods"][level]["loaded"] for n in ("five", "fifty"))
            return f"{(fifty - five) / 45:.0f}"

        self.table(["bytes of a further method"] + list(COMPILED.values()),
                   [[level] + [per_method(k, level) for k in COMPILED] for level in ("-O2", "-Os")])

    def targets(self, limits):
        """Which targets are missed."""
        judge = judging.Judge(limits, {})
        names = [n for n in self.works("") if f"raw_sd_bus/{n}" in self.counts.figures and
                 f"ctbus/{n}" in self.counts.figures and not judging.LEFT_OUT.search(n)]
        missed = [f"`{name}`: {miss}" for name in names for miss in judge.misses(name, self.counts)]
        compiled = judge_compiling.figures(self.results["compile_time"])
        missed += judge_compiling.misses(compiled, limits["compile_time"])
        self.lines += ["## Targets", "", f"Of the targets in `limits.json`, for {len(names)} rows "
                       f"and what is compiled, {len(missed)} are missed.", ""]
        self.lines += [f"- {line}" for line in missed] + [""]

    def write_plots(self, directory):
        for file, prefix, title in (("marshal.svg", "marshal_", "Filling a message"),
                                    ("unmarshal.svg", "unmarshal_", "Reading a message")):
            chart = charts.Chart(title, "instructions, of raw sd-bus's (logarithmic)",
                                 {k: v for k, v in NAMES.items() if k != "raw_sd_bus"}, True)
            for work in self.works(prefix):
                raw = self.counts.figures.get("raw_sd_bus/" + work)
                if raw:
                    chart.add(work.removeprefix(prefix), {
                        k: self.counts.figures[f"{k}/{work}"][0] / raw[0] for k in NAMES
                        if f"{k}/{work}" in self.counts.figures})
            (directory / file).write_text(chart.svg())
        chart = charts.Chart("One call and its reply", "microseconds, both ends on one processor",
                             NAMES)
        for work in self.works("round_trip_"):
            chart.add(work.removeprefix("round_trip_"), {
                k: self.results["seconds"].get(f"{k}/{work}", 0) * 1e6 for k in NAMES})
        (directory / "round_trips.svg").write_text(chart.svg())
        compiled = self.results["compile_time"]
        for file, title, axis, of in (
                ("compile_time.svg", "Compiling, -O2", "user seconds", lambda e: e["user"]),
                ("size.svg", "Stripped size, -O2", "KiB", lambda e: e["size"] / 1024)):
            chart = charts.Chart(title, axis, COMPILED)
            for program, called in PROGRAMS.items():
                chart.add(called, {k: of(compiled[k][program]["-O2"]) for k in COMPILED
                                   if program in compiled.get(k, {})})
            (directory / file).write_text(chart.svg())


def write(results, directory):
    directory = pathlib.Path(directory)
    page = Page(results)
    page.table(["measured on", "which"],
               [[what, which] for what, which in results["machine"]])
    page.section("Filling a message", "marshal_", plot="marshal.svg")
    page.by_hand()
    page.section("Reading a message", "unmarshal_", plot="unmarshal.svg")
    page.section("Calls", "round_trip_", "in_flight_", "one_way_", plot="round_trips.svg")
    page.section("Properties and introspection", "property_set_d", "property_get_d",
                 "property_get_all_10_d", "introspect_")
    page.section("Signals", "signal_fan_out_")
    page.section("Objects and interfaces", "export_", "register_methods_", "method_of_")
    page.section("Objects of a manager", "managed_",
                 note="Of raw sd-bus: its own manager, with the same objects.")
    page.section("One end alone", "call_", "reply_", "property_get_service", "property_get_client",
                 "property_get_all_10_s", "property_set_a", "property_changed_", "signal_emit",
                 "signal_receive", "16_objects", "async_", "deferred_", "task_",
                 "error_", "thrown_error_",
                 note="The other end is raw sd-bus, or its answer lies in the socket already.")
    page.scale()
    page.compile_time()
    page.targets(json.loads((directory / "limits.json").read_text()))
    (directory / "RESULTS.md").write_text("\n".join(page.lines))
    page.write_plots(directory)


if __name__ == "__main__":
    write(json.loads(pathlib.Path(sys.argv[1]).read_text()), pathlib.Path(__file__).parent)
