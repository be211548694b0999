"""Draws what a link threshold costs: precision against recall on invented data, as a picture that fetches nothing."""

import csv
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from include import settings

PICTURE = settings.ROOT / "docs" / "linkage_tradeoff.svg"
THRESHOLDS = settings.SEEDS / "linkage" / "linkage_thresholds.csv"
STYLES = (("#0072b2", ""), ("#000000", "9 3"), ("#d55e00", "2 3"), ("#009e73", "9 3 2 3"))
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 760, 480, 80, 60, 730, 420
TICKS = 5

Curve = Sequence[tuple[int, bool]]
"""Of each candidate link, its points and whether it is right."""
Mark = tuple[int, float, float]
"""A threshold with the recall and the precision of the links at or above it."""


def trade_off(runs: Sequence[Curve]) -> list[Mark]:
    """Return the marks of each threshold, highest first; recall is of all right links that the lists hold."""
    links = sorted(((points, is_right) for run in runs for points, is_right in run), reverse=True)
    all_right = max(sum(is_right for _, is_right in links), 1)
    marks: dict[int, Mark] = {}
    right = 0
    for number, (points, is_right) in enumerate(links, start=1):
        right += is_right
        marks[points] = (points, right / all_right, right / number)
    return list(marks.values())


def draw_trade_off(curves: dict[str, Sequence[Curve]]) -> None:
    """Write the picture: a line for each world, and a dot where the chosen threshold stands."""
    lines = {world: marks for world, runs in curves.items() if (marks := trade_off(runs))}
    with THRESHOLDS.open(encoding="utf-8", newline="") as file:
        [link] = [int(row["points"]) for row in csv.DictReader(file) if row["name"] == "link"]
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text("\n".join(_svg(lines, link)) + "\n", encoding="utf-8")


def _svg(lines: dict[str, list[Mark]], link: int) -> Iterator[str]:
    # the top corner: a threshold so high that little is found says nothing about the choice
    shown = {world: [mark for mark in marks if mark[1] >= 0.8] for world, marks in lines.items()}
    lowest = min((min(mark[2] for mark in marks) for marks in shown.values()), default=0.9)
    floor = min(int(lowest * 100) / 100, 0.99)

    def x(recall: float) -> float:
        return round(LEFT + (recall - 0.8) / 0.2 * (RIGHT - LEFT), 1)

    def y(precision: float) -> float:
        return round(BOTTOM - (precision - floor) / (1 - floor) * (BOTTOM - TOP), 1)

    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">'
    yield "<title>Precision against recall as the link threshold moves, on invented regencies</title>"
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
    yield f'<text x="{LEFT}" y="24" font-size="16">Precision against recall as the link threshold moves</text>'
    yield f'<text x="{LEFT}" y="44" fill="#555">Invented regencies: an upper bound. Dot: {link} points, the threshold.</text>'
    for tick in range(TICKS + 1):
        recall, precision = 0.8 + 0.2 * tick / TICKS, floor + (1 - floor) * tick / TICKS
        yield f'<path d="M{x(recall)} {TOP}V{BOTTOM}M{LEFT} {y(precision)}H{RIGHT}" stroke="#ddd"/>'
        yield f'<text x="{x(recall)}" y="{BOTTOM + 20}" text-anchor="middle">{recall:.2f}</text>'
        yield f'<text x="{LEFT - 8}" y="{y(precision) + 4}" text-anchor="end">{precision:.3f}</text>'
    yield f'<text x="{(LEFT + RIGHT) / 2}" y="{BOTTOM + 44}" text-anchor="middle">recall of the candidates</text>'
    yield f'<text transform="translate(20 {(TOP + BOTTOM) / 2}) rotate(-90)" text-anchor="middle">precision</text>'
    for place, (world, marks) in enumerate(shown.items()):
        colour, dashes = STYLES[place % len(STYLES)]
        line = f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"'
        yield f'<polyline points="{" ".join(f"{x(r)},{y(p)}" for _, r, p in marks)}" {line}/>'
        for _, recall, precision in [mark for mark in marks if mark[0] >= link][-1:]:
            yield f'<circle cx="{x(recall)}" cy="{y(precision)}" r="5" fill="{colour}"/>'
        key = BOTTOM - 20 * (len(shown) - place)
        yield f'<path d="M{LEFT + 15} {key}h36" {line}/>'
        yield f'<text x="{LEFT + 60}" y="{key + 4}">faults: {escape(world)}</text>'
    yield "</svg>"
