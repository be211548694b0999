"""Draws the statistical charts: Altair's specifications made into SVG that stands in the page.

A chart has figures and months in it and no other words, for the page has two languages; what it shows is said in its
title and description (for those who hear it) and beside it in the page. Missing figures leave a gap.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from include.indonesian import HIDDEN, SHORT_MONTHS, percent, percent_as_set
from include.months import through
from include.site.english import Pair, in_english
from include.site.page import t_svg

SOFT, LINE = "#51626b", "#dde3e6"
REGISTER, REGISTER_SOFT, SURVEY, GOAL = "#0b5f73", "#b9d6dd", "#b3470b", "#3a3a3a"
WIDE, NARROW = 780, 300
_LEFT = 44


@dataclass(frozen=True)
class Point:
    """A prevalence with its 95 % interval, per cent, at a month or a survey's year; None is not known or not shown."""

    day: date
    pct: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Coverage:
    """Measured of due in a month, per cent; None with `is_hidden` was suppressed."""

    day: date
    pct: float | None
    is_hidden: bool = False


def path_chart(
    register: Sequence[Point], coverage: Sequence[Coverage], survey: Sequence[Point], goal: float | None, width: int
) -> Markup:
    """Draw the register's months with coverage below them, the survey's years beside, the goal as a line over both."""
    import altair as alt

    months = {day: n for n, day in enumerate(through([point.day for point in register]))}
    is_wide = width == WIDE
    survey_width = len(survey) * 52 + 10
    register_width = width - _LEFT - (survey_width + 30 if survey and is_wide else 8)
    tops = [value for point in [*register, *survey] for value in (point.pct, point.high) if value is not None]
    top = 5 * (int(max([*tops, goal or 0, 10]) * 1.08) // 5 + 1)
    y = _scaled(alt, top)
    upper = _register(alt, register, months, goal, y).properties(width=register_width, height=250 if is_wide else 200)
    lower = _coverage(alt, coverage, months, register_width, width)
    parts = [upper, lower]
    if survey:
        # beside the register its labels stand for both; under it the survey has its own
        sizes = {"width": survey_width, "height": upper.height}
        beside = _survey(alt, survey, goal, _scaled(alt, top, not is_wide)).properties(**sizes)
        parts = [alt.hconcat(upper, beside, spacing=30), lower] if is_wide else [upper, lower, beside]
    chart = alt.vconcat(*parts, spacing=20)
    newest = next((point for point in reversed(register) if point.pct is not None), None)
    last, surveys = percent(newest.pct if newest else None), ", ".join(f"{p.day.year} {percent(p.pct)}" for p in survey)
    says = f"Prevalensi stunting menurut register per bulan, terakhir {last}; survei: {surveys or 'tidak ada dalam zona ini'}; "
    says += f"target {percent(goal)}. Di bawahnya cakupan: anak diukur dari sasaran."
    english = (
        f"Prevalence of stunting by the register, by month, last {last}; surveys: {surveys or 'none in this zone'}; "
    )
    english += f"goal {percent(goal)}. Below it the coverage: children measured of those due."
    return to_svg(chart, ("Jalan menuju target", "The path to the goal"), (says, english), f"path-{width}")


def _scaled(alt: Any, top: int, is_labelled: bool = True) -> Callable[[str], Any]:
    """Return what puts a column on the axis of prevalence, from 0 to `top` per cent, the same in each part."""
    scale = alt.Scale(domain=[0, top], nice=False)
    values = list(range(0, top + 1, 5 if top <= 20 else 10))
    room = _LEFT - 8 if is_labelled else 0
    label = "datum.value + ' %'"
    axis = alt.Axis(title=None, values=values, labels=is_labelled, labelExpr=label, minExtent=room, maxExtent=room)
    return lambda column: alt.Y(f"{column}:Q", scale=scale, axis=axis)


def _register(
    alt: Any, register: Sequence[Point], months: dict[date, int], goal: float | None, y: Callable[[str], Any]
) -> Any:
    told = {point.day: point for point in register}
    points = [(n, told.get(day, Point(day, None))) for day, n in months.items()]
    rows = [{"i": n, "pct": p.pct, "low": p.low, "high": p.high, "text": percent(p.pct)} for n, p in points]
    x = alt.X("i:Q", scale=_month_scale(alt, months), axis=None)
    base = alt.Chart(alt.Data(values=rows)).encode(x=x)
    newest = alt.Chart(alt.Data(values=[row for row in rows if row["pct"] is not None][-1:])).encode(x=x)
    return alt.layer(
        *([_goal_line(alt, goal, y), _goal_text(alt, goal, x, y)] if goal else []),
        base.mark_rule(color=REGISTER_SOFT, strokeWidth=max(3.0, 14 - 0.3 * len(months))).encode(
            y=y("low"), y2="high:Q"
        ),
        base.mark_line(color=REGISTER, strokeWidth=2).encode(y=y("pct")),
        base.mark_circle(color=REGISTER, size=34, opacity=1).encode(y=y("pct")),
        newest.mark_text(color=REGISTER, fontWeight="bold", fontSize=14, dy=-12, align="right", dx=10).encode(
            y=y("high"), text="text:N"
        ),
    )


def _month_scale(alt: Any, months: dict[date, int]) -> Any:
    return alt.Scale(domain=[-0.6, max(len(months), 1) - 0.4], nice=False)


def _month_axis(alt: Any, months: dict[date, int], width: int) -> Any:
    """Label the newest month and every so many before it, with the year where it begins."""
    every = next(n for n in (1, 2, 3, 6, 12, 24, 60, 600) if len(months) / n <= (18 if width == WIDE else 7))
    shown = {n: day for day, n in months.items() if (len(months) - 1 - n) % every == 0}
    texts = {}
    for n, day in shown.items():
        before, after = shown.get(n - every), shown.get(n + every)
        # the first year is left out where the next begins at once: the two would touch
        is_new = before.year != day.year if before else after is None or after.year == day.year
        texts[n] = [SHORT_MONTHS[day.month - 1], *([str(day.year)] if is_new else [])]
    return alt.Axis(title=None, grid=False, domain=True, values=list(texts), labelExpr=f"({texts})[datum.value]")


def _goal_line(alt: Any, goal: float, y: Callable[[str], Any]) -> Any:
    line = alt.Chart(alt.Data(values=[{"goal": goal}]))
    return line.mark_rule(color=GOAL, strokeDash=[5, 4], strokeWidth=1.4).encode(y=y("goal"))


def _goal_text(alt: Any, goal: float, x: Any, y: Callable[[str], Any]) -> Any:
    # one word of both languages
    text = alt.Chart(alt.Data(values=[{"i": -0.6, "goal": goal, "text": f"target {percent_as_set(goal)}"}]))
    return text.mark_text(color=GOAL, fontSize=12, align="left", dx=4, dy=12).encode(x=x, y=y("goal"), text="text:N")


def _survey(alt: Any, survey: Sequence[Point], goal: float | None, y: Callable[[str], Any]) -> Any:
    rows = [
        {"year": str(p.day.year), "pct": p.pct, "low": p.low, "high": p.high, "text": percent(p.pct)} for p in survey
    ]
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("year:O", axis=alt.Axis(title=None, grid=False, labelAngle=0))
    )
    cap = {"color": SURVEY, "size": 9, "thickness": 1.6}
    return alt.layer(
        *([_goal_line(alt, goal, y)] if goal else []),
        base.mark_rule(color=SURVEY, strokeWidth=1.6).encode(y=y("low"), y2="high:Q"),
        base.mark_tick(**cap).encode(y=y("low")),
        base.mark_tick(**cap).encode(y=y("high")),
        base.mark_point(color=SURVEY, fill="#fff", shape="diamond", size=95, strokeWidth=2, opacity=1).encode(
            y=y("pct")
        ),
        base.mark_text(color=SURVEY, fontWeight="bold", fontSize=12, dy=-10).encode(y=y("high"), text="text:N"),
    )


def _coverage(alt: Any, coverage: Sequence[Coverage], months: dict[date, int], plot: int, width: int) -> Any:
    rows = [
        {"i": months[c.day], "from": months[c.day] - 0.36, "to": months[c.day] + 0.36, "pct": c.pct, "zero": 0}
        for c in coverage
    ]
    holes = [{"i": months[c.day], "pct": 6, "text": HIDDEN} for c in coverage if c.is_hidden]
    scale = alt.Scale(domain=[0, 100])
    domain = _month_scale(alt, months)
    axis = alt.Axis(
        title=None, values=[0, 50, 100], labelExpr="datum.value + ' %'", minExtent=_LEFT - 8, maxExtent=_LEFT - 8
    )
    months_axis = _month_axis(alt, months, width)
    bars = (
        alt.Chart(alt.Data(values=[row for row in rows if row["pct"] is not None]))
        .mark_rect(color="#8fa3ac")
        .encode(
            x=alt.X("from:Q", scale=domain, axis=months_axis),
            x2="to:Q",
            y=alt.Y("pct:Q", scale=scale, axis=axis),
            y2="zero:Q",
        )
    )
    marks = (
        alt.Chart(alt.Data(values=holes))
        .mark_text(fontSize=16, color=SOFT)
        .encode(x=alt.X("i:Q", scale=domain, axis=months_axis), y=alt.Y("pct:Q", scale=scale, axis=axis), text="text:N")
    )
    return alt.layer(bars, marks).properties(width=plot, height=72)


def to_svg(chart: Any, title: Pair, description: Pair, name: str) -> Markup:
    """Return a chart as an SVG that fills its box, with a title and a description for those who hear the page.

    What Vega numbers anew in each process (ids of clips) is numbered by `name` and place: equal charts, equal bytes.
    """
    import vl_convert

    spec = chart.configure(
        background="transparent",
        font="sans-serif",
        view={"stroke": None},
        axis={
            "labelColor": SOFT,
            "labelFontSize": 12,
            "gridColor": LINE,
            "domainColor": "#9fb0b8",
            "tickColor": "#9fb0b8",
            "ticks": False,
            "domain": False,
            "labelPadding": 8,
        },
    ).to_dict(validate=False)
    return finish(vl_convert.vegalite_to_svg(spec), title, description, name)


def finish(svg: str, title: Pair, description: Pair, name: str) -> Markup:
    """Return Vega's SVG without its own size and fonts, named and described, its months in both languages."""
    [(width, height)] = re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[:1]
    _, _, body = svg.partition(">")
    body = re.sub(r' font-family="[^"]*"', "", body)
    body = re.sub(r' aria-(label|roledescription)="[^"]*"| role="[^"]*"', "", body)
    body = re.sub(rf">({'|'.join(SHORT_MONTHS)})<", lambda found: f">{_month(found[1])}<", body)
    seen: dict[str, str] = {}
    for found in re.findall(r'id="([^"]+)"', body):
        seen.setdefault(found, f"{name}-{len(seen)}")
    for old, new in seen.items():
        body = body.replace(f'id="{old}"', f'id="{new}"').replace(f"url(#{old})", f"url(#{new})")
    opening = Markup(
        '<svg class="chart" viewBox="0 0 {w} {h}" role="img" aria-labelledby="{n}-title {n}-says">'
        '<title id="{n}-title" data-en="{t[1]}">{t[0]}</title><desc id="{n}-says" data-en="{d[1]}">{d[0]}</desc>'
    ).format(w=width, h=height, n=name, t=title, d=description)
    return opening + Markup(body)


def _month(text: str) -> str:
    english = in_english(text)
    return text if english == text else t_svg(text, english)
