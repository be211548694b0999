"""`make linkage-sample`: draws 200 links for a person to judge, and says of the judged ones how many links are right.

    python -m include.linkage.sample                 writes data/linkage/sampel_200.xlsx
    python -m include.linkage.sample --judge FILE    prints the precision, with its 95 % interval

A link is a writing of a child and the writing it was joined to. Links are drawn at random within bands of points.
The seed is the release's date: the same release gives the same sample.
"""

import argparse
import io
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import python_calamine
from rich.table import Column, Table

from include import settings, warehouse
from include.console import CONSOLE
from include.linkage.pair_book import FIELD_WIDTHS, FIELDS_WANTED, JUDGE, SIDES, fetch, folder, write_pair_book
from include.locked import unlock
from include.problem import Problem, run
from include.vault import password

SAMPLE_SIZE = 200
FILE, SHEET = f"sampel_{SAMPLE_SIZE}.xlsx", "Sampel"
VERDICT, BAND, BAND_LINKS, ALL_LINKS = "Benar?", "Golongan Skor", "Tautan dalam Golongan", "Semua Tautan"
RIGHT, WRONG, DOUBTFUL = VERDICTS = ("ya", "tidak", "ragu")
COLUMNS = {
    "No": 6,
    VERDICT: 10,
    "Catatan": 24,
    "OPD A": 12,
    "OPD B": 12,
    **FIELD_WIDTHS,
    "Skor": 7,
    "Aturan": 11,
    "Rincian Skor": 60,
    BAND: 16,
    BAND_LINKS: 12,
    ALL_LINKS: 12,
    "Kunci A": 14,
    "Kunci B": 14,
}
Z = 1.959964  # 95 %

# What the registrar decided is no work of the machine. Errors are near the lowest points that link, so the bands are
# narrow there: each is as wide as all below it.
_LINKS = """
    select agency, identity_key, anchor_agency, anchor_identity, points, rule, int_child_link_waterfalls.waterfall,
        md5($seed || agency || identity_key) as lot, cast(floor(min(points) over ()) as integer) as lowest,
        case
            when points is null then 'tanpa skor'
            when points < lowest + 10 then lowest || ' - ' || (lowest + 10)
            when points < lowest + 20 then (lowest + 10) || ' - ' || (lowest + 20)
            when points < lowest + 40 then (lowest + 20) || ' - ' || (lowest + 40)
            when points < lowest + 80 then (lowest + 40) || ' - ' || (lowest + 80)
            else (lowest + 80) || ' ke atas'
        end as band
    from intermediate.int_child_links
    left join intermediate.int_child_link_waterfalls using (agency, identity_key, points)
    where anchor_identity is not null and rule <> 'registrar'
        and (anchor_agency, anchor_identity) <> (agency, identity_key)
    """
_DRAWN = f"""
with links as ({_LINKS}),
sides as ({SIDES}),
numbered as (
    select *, row_number() over (partition by band order by lot) as place, count(*) over (partition by band) as band_links,
        count(*) over () as all_links
    from links
)
select row_number() over (order by lot) as "No", links.agency as "OPD A", links.identity_key as "Kunci A",
    anchor_agency as "OPD B", anchor_identity as "Kunci B", points as "Skor", rule as "Aturan",
    waterfall as "Rincian Skor", band as "{BAND}", band_links as "{BAND_LINKS}", all_links as "{ALL_LINKS}",
    {FIELDS_WANTED}
from numbered as links
left join sides as a on links.agency = a.agency and links.identity_key = a.identity_key
left join sides as b on links.anchor_agency = b.agency and links.anchor_identity = b.identity_key
where place <= map($bands, $quotas)[band]
order by "No"
"""

GUIDE_TEXT = (
    "Sampel tautan untuk dinilai",
    (
        f"Lembar {SHEET} berisi tautan yang diambil acak: catatan A digabungkan komputer dengan catatan B sebagai satu anak. "
        "Tugas Anda menilai apakah itu benar."
    ),
    "",
    "Cara menilai",
    "1. Salin berkas ini ke map Anda dan bekerja di salinan itu.",
    (
        "2. Nilai dari data anak saja, sebelum melihat kolom Skor di sebelah kanan. "
        "Sel berwarna jingga berbeda antara A dan B; sel kosong berarti tidak diketahui."
    ),
    (
        f"3. Isi {VERDICT}: ya = anak yang sama; tidak = dua anak (ingat kembar); "
        "ragu = tidak dapat diputuskan dari data yang ada."
    ),
    "4. Nilai semua baris, berurutan. Jangan hapus baris: setiap baris mewakili golongannya.",
    "5. Kembalikan berkas kepada pengelola data; ia menghitung ketepatan dengan --judge.",
    "",
    "Berkas ini memuat data pribadi anak. Jangan dikirim lewat grup percakapan; hapus salinannya setelah dinilai.",
)
LIMITS = (
    "What this cannot say: recall. Only links were drawn, so two writings of one child that were not linked are in no row. "
    "Missed links show only among the reviewed pairs (tinjauan.xlsx), as those decided 'sama'; "
    "pairs that scored too low for review, or were never compared, show nowhere. "
    "Links that the registrar decided are not in the sample."
)


class SampleProblem(Problem):
    """A sample cannot be drawn or read; the message says what to do."""


@dataclass
class Band:
    """One band of points: how many links it has, and what the judge said of those drawn."""

    name: str
    links: int
    right: int = 0
    wrong: int = 0
    doubtful: int = 0
    not_judged: int = 0


@dataclass(frozen=True)
class Estimate:
    """The share of right links among all links, with its 95 % interval."""

    share: float
    low: float
    high: float


def write_sample(con: duckdb.DuckDBPyConnection, seed: str) -> tuple[Path, dict[str, int]]:
    """Write the sample of the links in `con`; return the file and how many were drawn from each band.

    Raises `SampleProblem` when there is no link, or when the last sample lies there judged.
    """
    path = folder() / FILE
    if path.exists() and any(row[VERDICT].strip() for row in _read_rows(path)):
        raise SampleProblem(f"{path.name} holds judgements; move it to another folder first.")
    sizes = con.execute(
        f"with links as ({_LINKS}) select band, count(*) from links group by band order by min(points) nulls first",
        {"seed": seed},
    ).fetchall()
    quotas = share_out(dict(sizes), SAMPLE_SIZE)
    if not quotas:
        raise SampleProblem("There is no link yet; run make nightly.")
    rows = fetch(con, _DRAWN, {"seed": seed, "bands": list(quotas), "quotas": list(quotas.values())})
    write_pair_book(path, GUIDE_TEXT, SHEET, COLUMNS, rows, {VERDICT: VERDICTS, "Catatan": None})
    return path, quotas


def share_out(sizes: Mapping[str, int], total: int) -> dict[str, int]:
    """Give each band a part of the sample by the root of its size, at least one, at most all its links.

    By size alone the few links near the threshold would hardly be seen; by equal parts the many would be.
    """
    quotas = dict.fromkeys(sizes, 0)
    for _ in range(min(total, sum(sizes.values()))):
        open_bands = [band for band in sizes if quotas[band] < sizes[band]]
        least = max(open_bands, key=lambda b: math.sqrt(sizes[b]) / quotas[b] if quotas[b] else math.inf)
        quotas[least] += 1
    return quotas


def read_judged(path: Path) -> list[Band]:
    """Return the bands of a judged sample; raise `SampleProblem` for a word or a row that does not fit."""
    bands: dict[str, Band] = {}
    total = 0
    for row in _read_rows(path):
        try:
            links, total = int(row[BAND_LINKS]), int(row[ALL_LINKS])
        except ValueError as error:
            raise SampleProblem(f"{path.name}: No {row['No']} has no number in {BAND_LINKS} or {ALL_LINKS}.") from error
        band = bands.setdefault(row[BAND], Band(row[BAND], links))
        match row[VERDICT].strip().casefold():
            case "ya":
                band.right += 1
            case "tidak":
                band.wrong += 1
            case "ragu":
                band.doubtful += 1
            case "":
                band.not_judged += 1
            case _:
                raise SampleProblem(
                    f"{path.name}: No {row['No']} says {row[VERDICT]!r} in {VERDICT}; write {', '.join(VERDICTS)}."
                )
    if sum(band.links for band in bands.values()) != total:
        raise SampleProblem(f"{path.name}: all rows of a band are gone; judge the sheet with all its rows.")
    return sorted(bands.values(), key=lambda band: [int(number) for number in re.findall(r"\d+", band.name)])


def _read_rows(path: Path) -> list[dict[str, str]]:
    try:
        content = path.read_bytes()
        content = unlock(content, password(JUDGE)) or content  # its judge may have saved it without the password
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            head, *rows = book.get_sheet_by_name(SHEET).to_python() or [[]]
    except (python_calamine.CalamineError, OSError) as error:
        raise SampleProblem(f"{path.name}: the sheet {SHEET} cannot be read ({error}).") from error
    names = [str(cell) for cell in head]
    if missing := {"No", VERDICT, BAND, BAND_LINKS, ALL_LINKS}.difference(names):
        raise SampleProblem(f"{path.name}, sheet {SHEET}: the column {', '.join(sorted(missing))} is missing.")
    found = [dict(zip(names, (str(cell).removesuffix(".0") for cell in row), strict=True)) for row in rows]
    return [row for row in found if row[BAND]]


def estimate(bands: Iterable[Band], doubtful_is_wrong: bool) -> Estimate | None:
    """Weigh each band by its links; None when a band has no row that counts.

    The interval is Wilson's, for as many judgements as a plain sample would need to be as sure. That number is the
    smaller of two: by the weights alone (it holds when no error was seen), and by the spread that was seen.
    """
    counted = [(band.links, band.right, band.wrong + band.doubtful * doubtful_is_wrong) for band in bands]
    total = sum(links for links, _, _ in counted)
    if not total or any(right + wrong == 0 for _, right, wrong in counted):
        return None
    parts = [(links / total, right / (right + wrong), right + wrong) for links, right, wrong in counted]
    share = sum(weight * right for weight, right, _ in parts)
    judged = 1 / sum(weight**2 / number for weight, _, number in parts)
    variance = sum(weight**2 * right * (1 - right) / number for weight, right, number in parts)
    if variance:
        judged = min(judged, share * (1 - share) / variance)
    centre = (share + Z**2 / (2 * judged)) / (1 + Z**2 / judged)
    reach = Z / (1 + Z**2 / judged) * math.sqrt(share * (1 - share) / judged + Z**2 / (4 * judged**2))
    return Estimate(share, max(0.0, centre - reach), min(1.0, centre + reach))


def show(bands: list[Band]) -> None:
    """Print the judgements per band, the precision, and what it cannot say."""
    columns = ("links", "judged right", "wrong", "doubtful", "not judged", "right of sure ones")
    table = Table(Column("points", no_wrap=True), *(Column(name, justify="right") for name in columns))
    for band in [*bands, _sum_of(bands)]:
        sure = band.right + band.wrong
        share = f"{band.right / sure:.1%}" if sure and band.name != "all" else ""
        numbers = (band.links, band.right, band.wrong, band.doubtful, band.not_judged)
        table.add_row(band.name, *(f"{number:,}" for number in numbers), share, end_section=band is bands[-1])
    CONSOLE.print(table)
    result = Table("precision of all links, bands weighted by their links", "share", "95 % interval (Wilson)")
    for words, doubtful_is_wrong in (("doubtful ones left out", False), ("doubtful ones counted as wrong", True)):
        found = estimate(bands, doubtful_is_wrong)
        cells = (f"{found.share:.1%}", f"{found.low:.1%} to {found.high:.1%}") if found else ("unknown", "")
        result.add_row(words, *cells)
    CONSOLE.print(result)
    if unseen := [band.name for band in bands if band.right + band.wrong == 0]:
        CONSOLE.print(f"Unknown: no link with points {', '.join(unseen)} was judged ya or tidak.", markup=False)
    if left := sum(band.not_judged for band in bands):
        CONSOLE.print(f"{left:,} rows are not judged; the numbers hold only if these are no harder than the others.")
    CONSOLE.print(LIMITS, markup=False)


def _sum_of(bands: list[Band]) -> Band:
    counts: dict[str, Any] = {
        name: sum(getattr(band, name) for band in bands)
        for name in ("links", "right", "wrong", "doubtful", "not_judged")
    }
    return Band("all", **counts)


def main(arguments: list[str] | None = None) -> int:
    """Command line. Raises `Problem` when the sample cannot be drawn or read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--judge", type=Path, metavar="FILE", help="a judged sample")
    judged = parser.parse_args(arguments).judge
    if judged:
        show(read_judged(judged))
    else:
        _draw()
    return 0


def _draw() -> None:
    if not settings.CURRENT.exists():
        raise SampleProblem("There is no release yet; run make nightly.")
    seed = settings.CURRENT.resolve().name[:10]
    try:
        with warehouse.open_to_read() as con:
            path, quotas = write_sample(con, seed)
    except duckdb.CatalogException as error:
        raise SampleProblem("The working database has no links yet; run make nightly.") from error
    CONSOLE.print(f"{path}: {sum(quotas.values()):,} links, seed {seed}", markup=False)
    CONSOLE.print("per band of points: " + "; ".join(f"{band}: {n}" for band, n in quotas.items()), markup=False)


if __name__ == "__main__":
    run(main)
