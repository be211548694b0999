"""The frame of the site: what a page is, and the words and figures in which all pages speak.

A part of the site is a module with `pages(zone: Zone) -> list[Page]`, named in `build.PARTS`. It reads the zone with
`zone.read(sql)`, asks `zone.has(table)` first where not both zones have it, and gives each page a template of
`templates/` with what it shows. A template begins with `{% extends "base.html.j2" %}` and fills the block `main`
(first thing: `<h1>`); `lead` stands under the heading. Every template can use

* `t("kata", "word", n=...)`: a text of the interface in both languages, of which the reader sees one; `{n}` is filled
  with the value, escaped,
* `label("kata", "word")`: the same as an element's `aria-label`, `t_svg("kata", "word")` inside an SVG's `<text>`,
* `told(text)`: a text of a mart, with the other language by `english.csv`,
* `figure(row, "stunted_pct", percent)`: a figure of a row, or the sign and word for suppressed, unknown, too few,
* `beside(row)`: "diukur 4.995 dari 6.964 sasaran", which stands beside every prevalence,
* the filters `number(digits)`, `percent(digits)`, `rupiah`; in both languages `month`, `month_short`, `quarter`, `date`,
  `period`, `rupiah_short`,
* `zone` (`zone.release`, `zone.is_public`, `zone.as_of`), `here` (this page's file) and `menu`.

Behaviour without a line of JavaScript of one's own: `<table class="sortable">` sorts by its headings (`data-sort` of a cell
is the raw value), `<input data-filters="#id">` hides the rows, or other children with `data-text`, of `#id` that do not hold
what is typed. Tables stand in `<div class="scroll" tabindex="0" role="region" {{ label(...) }}>`. A page that needs more
names its file of `static/` in `Page.scripts`: only what is named there runs, by its hash in the page's policy.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from include import indonesian
from include.disclosure import LEAST_DENOMINATOR
from include.indonesian import HIDDEN, UNKNOWN
from include.site.english import in_english, translate

HERE = Path(__file__).parent
Row = dict[str, Any]

# Of a page's megabyte, what is left for rows that grow with the regency.
_ROOM = 850_000

# File, name in the menu in both languages. A page is in the menu when it has been made.
MENU = (
    ("index.html", "Ringkasan", "Overview"),
    ("capaian.html", "Capaian OPD", "Agencies"),
    ("peta.html", "Peta", "Map"),
    ("desa.html", "Cari desa", "Find a village"),
    ("mutu.html", "Mutu data", "Data quality"),
    ("kamus.html", "Kamus data", "Dictionary"),
    ("unduhan.html", "Unduhan", "Downloads"),
    ("istilah.html", "Istilah", "Glossary"),
    ("dbt.html", "Silsilah data (dbt)", "Lineage (dbt)"),
)


@dataclass(frozen=True)
class Zone:
    """One zone of a release, opened to be read.

    `name` is task_force or public, `as_of` has the newest accepted period per dataset (`dinkes/penimbangan`: `2026-10`).
    """

    con: duckdb.DuckDBPyConnection
    name: str
    release: str
    as_of: dict[str, str]
    folder: Path

    @property
    def is_public(self) -> bool:
        return self.name == "public"

    @property
    def is_invented(self) -> bool:
        """Say whether an invented regency is in the release: each page then says so."""
        return bool(self.read("select is_invented from release_info")[0]["is_invented"])

    def has(self, table: str) -> bool:
        """Say whether the zone has a table at all; it may have no rows."""
        found = self.con.execute("select 1 from duckdb_tables() where table_name = ?", [table]).fetchone()
        return found is not None

    def read(self, sql: str, parameters: list[Any] | None = None) -> list[Row]:
        """Return the rows of a query as dictionaries by column."""
        result = self.con.execute(sql, parameters or [])
        names = [column[0] for column in result.description]
        return [dict(zip(names, values, strict=True)) for values in result.fetchall()]


@dataclass(frozen=True)
class Page:
    """One page: the file it becomes, its template, its title in both languages, and what the template shows."""

    file: str
    template: str
    title: tuple[str, str]
    shows: dict[str, Any] = field(default_factory=dict)
    scripts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Both:
    """A text in both languages, as markup: the page holds both and shows one, or one alone where they are equal."""

    indonesian: Markup
    english: Markup

    def __html__(self) -> Markup:
        if self.indonesian == self.english:
            return self.indonesian
        return Markup('<span lang="id">{}</span><span lang="en">{}</span>').format(self.indonesian, self.english)


def t(indonesian_text: str, english_text: str, **values: object) -> Both:
    """Return a text in both languages; `{name}` is filled with `values`, which are escaped; each half with its own."""
    halves = {
        language: {name: getattr(value, language, value) for name, value in values.items()}
        for language in ("indonesian", "english")
    }
    return Both(
        escape(indonesian_text).format(**halves["indonesian"]), escape(english_text).format(**halves["english"])
    )


def told(text: str) -> Both:
    """Return a text of a mart or of a record in both languages."""
    return Both(*map(escape, translate(text)))


def label(indonesian_text: str, english_text: str) -> Markup:
    """Return an element's name for those who hear the page; `site.js` changes it with the language."""
    return Markup('aria-label="{}" data-en="{}"').format(indonesian_text, english_text)


def in_both(form: Callable[[Any], str]) -> Callable[[Any], Both]:
    """Return a form of `indonesian.py` as one that gives both languages: Oktober 2026, October 2026."""

    def formed(value: Any) -> Both:
        text = form(value)
        return Both(escape(text), escape(in_english(text)))

    return formed


def t_svg(indonesian_text: str, english_text: str) -> Markup:
    """Return a text in both languages for the inside of an SVG's `<text>`."""
    return Markup('<tspan lang="id">{}</tspan><tspan lang="en">{}</tspan>').format(indonesian_text, english_text)


def figure(row: Row, column: str, form: Any = indonesian.number, *arguments: Any) -> Markup:
    """Return a figure of a row as the zone has it; what is suppressed, unknown, or of too few has its sign and word.

    Zero is 0. A share is suppressed when a count that it is made of is, which the function knows by the marts' names.
    """
    if row[column] is not None:
        return escape(form(row[column], *arguments))
    if is_hidden(row, column):
        return hidden()
    return too_few() if is_of_few(row, column) else unknown()


def is_hidden(row: Row, column: str) -> bool:
    """Say whether an empty figure was suppressed: it is named in the row, or it is a share of one that is."""
    suppressed = set(filter(None, (row.get("suppressed") or "").split(", ")))
    return row[column] is None and bool(suppressed & {column, *_share_of(row, column)})


def is_of_few(row: Row, column: str) -> bool:
    """Say whether a share is left out although its counts are there: the public zone gives none of a few persons."""
    counts = [row[count] for count in _share_of(row, column)]
    return row[column] is None and bool(counts) and None not in counts and counts[-1] > 0


def _share_of(row: Row, column: str) -> tuple[str, ...]:
    """Return the counts a share is made of, the denominator last, where the row has them."""
    return next((counts for counts in _SHARES.get(column, ()) if set(counts) <= row.keys()), ())


_SHARES = {
    "coverage_pct": (("measured", "due"), ("numerator", "denominator")),
    "completeness": (("records_known", "records_due"),),
    "stunted_pct": (("stunted", "height_valid"),),
    "severely_stunted_pct": (("severely_stunted", "height_valid"),),
    "underweight_pct": (("underweight", "weight_valid"),),
    "wasted_pct": (("wasted", "weight_height_valid"),),
    "converged_low_pct": (("all_services", "households"),),
    "converged_high_pct": (("all_services", "not_known", "households"),),
}


def _sign(sign: str, name: str, word: Both) -> Markup:
    return Markup('<span class="{}"><span aria-hidden="true">{}</span><span class="unseen">{}</span></span>').format(
        name, sign, word
    )


def hidden() -> Markup:
    """Return the sign for suppressed, with its word for those who hear the page."""
    return _sign(HIDDEN, "hidden", t("disembunyikan", "suppressed"))


def unknown() -> Markup:
    """Return the sign for unknown, with its word for those who hear the page."""
    return _sign(UNKNOWN, "unknown", t("tidak diketahui", "unknown"))


def too_few() -> Markup:
    """Return the sign for a share that is not given because it would be of too few persons."""
    return _sign(f"<{LEAST_DENOMINATOR}", "few", t("terlalu sedikit untuk persentase", "too few for a percentage"))


def beside(row: Row) -> Both:
    """Return what stands beside each prevalence: how many were measured of how many due."""
    return t(
        "diukur {measured} dari {due} sasaran",
        "measured {measured} of {due} due",
        measured=figure(row, "measured"),
        due=figure(row, "due"),
    )


def newest_that_fit(months: list[date], areas: int, bytes_of_area: float, bytes_of_month: float) -> list[date]:
    """Return the newest months, one at least, that a page has room for when each area has this many bytes and per month."""
    room = (_ROOM / max(areas, 1) - bytes_of_area) / bytes_of_month
    return months[-max(1, int(room)) :]


def make_environment() -> Environment:
    """Return the templates with their words and filters; everything is escaped that is not markup of ours."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    forms = {name: getattr(indonesian, name) for name in ("number", "percent", "percent_as_set", "rupiah")}
    for name in ("month", "month_short", "quarter", "date", "period", "rupiah_short"):
        forms[name] = in_both(getattr(indonesian, name))
    environment.filters |= forms
    environment.globals |= forms
    environment.globals |= {
        "t": t,
        "told": told,
        "label": label,
        "t_svg": t_svg,
        "figure": figure,
        "beside": beside,
        "hidden": hidden,
        "unknown": unknown,
    }
    environment.globals |= {"least_denominator": LEAST_DENOMINATOR}
    environment.globals["script"] = _script
    environment.globals["style"] = Markup((HERE / "static" / "style.css").read_text(encoding="utf-8"))
    return environment


@pass_context
def _script(context: Context) -> Markup:
    """Return the page's own JavaScript, each file in an element that the policy lets run."""
    return Markup("").join(Markup("<script>{}</script>").format(Markup(_source(name))) for name in context["scripts"])


def policy(scripts: tuple[str, ...]) -> str:
    """Return the page's content security policy: nothing is fetched, and of scripts only these files run."""
    digests = (hashlib.sha256(_source(name).encode()).digest() for name in scripts)
    allowed = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src {allowed}"


def _source(name: str) -> str:
    return (HERE / "static" / name).read_text(encoding="utf-8")
