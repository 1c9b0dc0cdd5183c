"""Bar charts as SVG: groups of horizontal bars, one for each series."""
import html
import math

COLOURS = {"raw_sd_bus": "#7f7f7f", "c": "#7f7f7f", "ctbus": "#d62728", "by_hand": "#17becf",
           "sdbus_cpp": "#1f77b4", "gdbus": "#2ca02c", "qt_dbus": "#9467bd", "libdbus": "#ff7f0e"}
BAR, GAP, LEFT, WIDTH, TOP = 11, 10, 150, 560, 74


class Chart:
    def __init__(self, title, axis, names, logarithmic=False):
        """`names`: {series: what it is called}"""
        self.title, self.axis, self.names, self.logarithmic = title, axis, names, logarithmic
        self.groups = []

    def add(self, label, values):
        """`values`: {series: number or None}"""
        self.groups.append((label, {s: v for s, v in values.items() if v and s in self.names}))

    def _scale(self):
        values = [v for _, of in self.groups for v in of.values()]
        high = max(values, default=1)
        if not self.logarithmic:
            step = 10 ** math.floor(math.log10(high))
            step = next(s for s in (step / 5, step / 2, step, step * 2) if high / s <= 8)
            ticks = [i * step for i in range(int(high / step) + 2)]
            return ticks, lambda v: WIDTH * v / ticks[-1]
        low, high = min(values + [1]), max(values + [1])
        ends = [math.floor(math.log10(low)), math.ceil(math.log10(high))]
        ticks = [10.0 ** e for e in range(ends[0], ends[1] + 1)]
        return ticks, lambda v: WIDTH * (math.log10(v) - ends[0]) / max(ends[1] - ends[0], 1)

    def svg(self):
        ticks, scaled = self._scale()
        height = TOP + 34 + sum(len(of) * BAR + GAP for _, of in self.groups)
        out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 90}" '
               f'height="{height}" font-family="sans-serif" font-size="11">',
               '<rect width="100%" height="100%" fill="white"/>',
               f'<text x="10" y="20" font-size="15">{html.escape(self.title)}</text>']
        x = 10
        for series, name in self.names.items():
            out.append(f'<rect x="{x}" y="32" width="10" height="10" fill="{COLOURS[series]}"/>'
                       f'<text x="{x + 14}" y="41">{html.escape(name)}</text>')
            x += 30 + 7 * len(name)
        for tick in ticks:
            at = LEFT + scaled(tick)
            out.append(f'<line x1="{at:.1f}" y1="{TOP - 6}" x2="{at:.1f}" y2="{height - 28}" '
                       f'stroke="#ddd"/><text x="{at:.1f}" y="{TOP - 10}" text-anchor="middle" '
                       f'fill="#555">{tick:g}</text>')
        origin = scaled(1) if self.logarithmic else 0
        y = TOP
        for label, of in self.groups:
            middle = y + len(of) * BAR / 2 + 4
            out.append(f'<text x="{LEFT - 8}" y="{middle:.1f}" text-anchor="end">'
                       f'{html.escape(label)}</text>')
            for series in self.names:
                if series not in of:
                    continue
                end = scaled(of[series])
                start, end = min(origin, end), max(origin, end)
                out.append(f'<rect x="{LEFT + start:.1f}" y="{y}" width="{end - start + 1:.1f}" '
                           f'height="{BAR - 2}" fill="{COLOURS[series]}"/>'
                           f'<text x="{LEFT + end + 4:.1f}" y="{y + 8}" font-size="9" '
                           f'fill="#555">{of[series]:.3g}</text>')
                y += BAR
            y += GAP
        out.append(f'<text x="{LEFT}" y="{height - 10}" fill="#555">'
                   f'{html.escape(self.axis)}</text>')
        return "\n".join(out + ["</svg>"]) + "\n"
