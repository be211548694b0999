"""Small multiples: one small line per kecamatan, all on one scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from include.indonesian import HIDDEN, UNKNOWN, month_short, percent
from include.site.english import in_english

WIDTH, HEIGHT = 220, 76
_LEFT, _RIGHT, _TOP, _BOTTOM = 4, 6, 8, 6


@dataclass(frozen=True)
class Course:
    """One month of an area's course, per cent; None is unknown or not shown, `is_hidden` suppressed."""

    pct: float | None
    low: float | None = None
    high: float | None = None
    is_hidden: bool = False


def draw_course(steps: Sequence[Course], name: str, first: date, last: date, top: float, goal: float | None) -> Markup:
    """Return an area's months as an SVG: line, interval behind it, the goal; a gap where there is no figure.

    The scale goes from 0 to `top` per cent, in every picture the same; an interval that is higher ends at the edge.
    """

    def x(n: int) -> float:
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * (n / (len(steps) - 1) if len(steps) > 1 else 0.5), 1)

    def y(pct: float) -> float:
        return round(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * min(pct, top) / top, 1)

    parts: list[Markup] = []
    for run in _runs(steps):
        band = [n for n in run if steps[n].low is not None and steps[n].high is not None]
        if len(band) > 1:
            upper = [f"{x(n)} {y(steps[n].high or 0)}" for n in band]
            lower = [f"{x(n)} {y(steps[n].low or 0)}" for n in reversed(band)]
            parts.append(Markup('<path class="band" d="M{}z"/>').format("L".join([*upper, *lower])))
        points = [f"{x(n)} {y(steps[n].pct or 0)}" for n in run]
        if len(run) > 1:
            parts.append(Markup('<path class="line" d="M{}"/>').format("L".join(points)))
        else:
            parts.append(Markup('<circle class="dot" cx="{}" cy="{}" r="2.5"/>').format(*points[0].split()))
    for n, step in enumerate(steps):
        if step.is_hidden:
            sign = '<text class="sign" x="{}" y="{}" text-anchor="middle">{}</text>'
            parts.append(Markup(sign).format(x(n), HEIGHT - _BOTTOM - 3, HIDDEN))
    known = [n for n, step in enumerate(steps) if step.pct is not None]
    if known:
        n, pct = known[-1], steps[known[-1]].pct or 0
        parts.append(Markup('<circle class="dot" cx="{}" cy="{}" r="3"/>').format(x(n), y(pct)))
    told = percent(steps[known[-1]].pct) if known else UNKNOWN
    months = f"{month_short(first)} – {month_short(last)}"
    title = f"{name}: prevalensi stunting {months}, terakhir {told}"
    english = f"{name}: prevalence of stunting {in_english(months)}, last {told}"
    base = f'<path class="base" d="M0 {y(0)}H{WIDTH}"/>'
    base += f'<path class="goal" d="M0 {y(goal)}H{WIDTH}"/>' if goal else ""
    return Markup(
        '<svg class="course" viewBox="0 0 {w} {h}" role="img"><title data-en="{e}">{t}</title>{b}{p}</svg>'
    ).format(w=WIDTH, h=HEIGHT, t=title, e=english, b=Markup(base), p=Markup("").join(parts))


def _runs(steps: Sequence[Course]) -> list[list[int]]:
    """Return the numbers of months that follow each other with a figure each."""
    runs: list[list[int]] = [[]]
    for n, step in enumerate(steps):
        if step.pct is not None:
            runs[-1].append(n)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]
