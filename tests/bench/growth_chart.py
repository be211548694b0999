"""Draws the growth: seconds of computing a million rows, by step, and the largest memory, against the rows, as one picture."""

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

STYLES = {
    "night": ("#000000", ""),
    "files": ("#0072b2", "9 3"),
    "gate": ("#cc79a7", "3 3"),
    "build": ("#009e73", "12 3 3 3"),
    "publish": ("#d55e00", "2 3"),
}
NAMES = {"night": "the whole night", "files": "reading the files", "publish": "publishing"}
WIDTH, HEIGHT, TOP, BOTTOM = 860, 440, 70, 360
PANELS = ((70, 400), (500, 690))  # from left to right; the key stands beside the second
_TICKS = 4
Mark = tuple[float, float]
Axis = Callable[[float], float]


def draw(table: Sequence[dict[str, str]], picture: Path) -> None:
    """Write the picture of a table of growth; two factors at least make a line."""
    if len({row["factor"] for row in table}) > 1:
        picture.write_text("\n".join(_svg(table)) + "\n", encoding="utf-8")


def _svg(table: Sequence[dict[str, str]]) -> Iterator[str]:
    seconds = {
        step: [
            (float(row["rows"]), 1e6 * float(row["cpu_seconds"]) / float(row["rows"]))
            for row in table
            if row["step"] == step
        ]
        for step in STYLES
    }
    memory = {"night": [(float(row["rows"]), float(row["peak_mb"]) / 1024) for row in table if row["step"] == "night"]}
    factors = {float(row["rows"]): row["factor"] for row in table}
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">'
    yield "<title>Seconds of computing a million rows, and memory, as the rows of a first night grow</title>"
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
    yield f'<text x="{PANELS[0][0]}" y="24" font-size="16">A first night as its rows grow (invented regencies, 2 cores)</text>'
    yield from _panel(PANELS[0], "seconds of computing a million rows", seconds, factors)
    yield from _panel(PANELS[1], "largest memory, GB", memory, factors)
    for place, (step, (colour, dashes)) in enumerate(STYLES.items()):
        y = TOP + 20 + 24 * place
        yield f'<path d="M{PANELS[1][1] + 20} {y}h30" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>'
        yield f'<text x="{PANELS[1][1] + 56}" y="{y + 4}">{NAMES.get(step, step)}</text>'
    yield "</svg>"


def _panel(
    sides: tuple[int, int], title: str, lines: dict[str, list[Mark]], factors: dict[float, str]
) -> Iterator[str]:
    """Draw one panel: the rows on a scale of ratios, for each factor is a ratio, the figures from nought."""
    left, right = sides
    top = _round_up(max(value for marks in lines.values() for _, value in marks))
    x, y = _across(left, right, sorted(factors)), _up(top)
    yield f'<text x="{left}" y="{TOP - 14}" fill="#333">{title}</text>'
    for tick in range(_TICKS + 1):
        value = top * tick / _TICKS
        yield f'<path d="M{left} {y(value)}H{right}" stroke="#ddd"/>'
        yield f'<text x="{left - 8}" y="{y(value) + 4}" text-anchor="end">{value:g}</text>'
    for rows, factor in factors.items():
        yield f'<path d="M{x(rows)} {TOP}V{BOTTOM}" stroke="#ddd"/>'
        yield f'<text x="{x(rows)}" y="{BOTTOM + 20}" text-anchor="middle">{factor}</text>'
    yield f'<text x="{(left + right) / 2}" y="{BOTTOM + 44}" text-anchor="middle">times the rows of a regency</text>'
    for step, marks in lines.items():
        colour, dashes = STYLES[step]
        points = " ".join(f"{x(rows)},{y(value)}" for rows, value in marks)
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>'
        yield from (f'<circle cx="{x(rows)}" cy="{y(value)}" r="3" fill="{colour}"/>' for rows, value in marks)


def _across(left: int, right: int, rows: Sequence[float]) -> Axis:
    least, most = math.log(rows[0]), math.log(rows[-1])
    return lambda value: round(left + 10 + (math.log(value) - least) / (most - least) * (right - left - 20), 1)


def _up(top: float) -> Axis:
    return lambda value: round(BOTTOM - value / top * (BOTTOM - TOP), 1)


def _round_up(value: float) -> float:
    """Return the next value of two digits that four steps share out evenly."""
    step = 10 ** math.floor(math.log10(value)) / 5
    return math.ceil(value / step / _TICKS) * step * _TICKS
