"""Places for more, or fewer, people than the regency has: a copy of the code with regions and caps of its own.

A part of a regency is some of its kecamatan. Several regencies' worth is each of its kecamatan and desa again under
made-up codes and names, so that lists, areas and files grow as they would in a province; the months stay twelve.
"""

import csv
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from include.settings import REGENCY_SEEDS, ROOT

KECAMATAN, FAMILIES, UNDER_FIVES, MONTHS = 29, 450_000, 136_000, 12  # of the regency
# what tells the names of one made-up regency from those of the others; the first is the true one
QUARTERS = ("", "Utara", "Selatan", "Barat", "Timur", "Tengah", "Baru", "Lama", "Hilir", "Hulu", "Atas", "Bawah")
LARGEST_WITHIN_CAPS = 3  # times the regency: above it the one file of all members passes the caps on a delivery
_CODE = ("dags", "dbt_project", "expectations", "include", "tests", "requirements.txt", "pyproject.toml")
_NAMES = ("kecamatan_name", "desa_name", "puskesmas_name", "alias")
_FILES = ("ref_kecamatan", "ref_desa", "ref_desa_aliases", "ref_puskesmas", "ref_puskesmas_desa")


def settle(folder: Path, factor: float) -> None:
    """Copy the code into a folder and give it the regions and the caps of so many regencies."""
    for name in _CODE:
        source = ROOT / name
        shutil.copytree(source, folder / name) if source.is_dir() else shutil.copy(source, folder / name)
    write_regions(folder / REGENCY_SEEDS.relative_to(ROOT), factor)
    if factor > LARGEST_WITHIN_CAPS:
        _raise_caps(folder / "include" / "settings.py", round(factor))


def write_regions(seeds: Path, factor: float) -> None:
    """Keep the first kecamatan of the regency, or add the places of made-up regencies to it.

    Raises `ValueError` for a factor that is neither a part of one regency nor one of the whole numbers to 12.
    """
    if factor > 1 and factor not in range(2, len(QUARTERS) + 1):
        raise ValueError(f"{factor:g} regencies: give a part of one, or a whole number to {len(QUARTERS)}.")
    tables = {name: _read(seeds / f"{name}.csv") for name in _FILES}
    if factor < 1:
        kept = {row["kecamatan_code"] for row in tables["ref_kecamatan"][: max(1, round(KECAMATAN * factor))]}
        for name in (*_FILES, "ref_kecamatan_tiles"):
            rows = tables.get(name) or _read(seeds / f"{name}.csv")
            _write(
                seeds / f"{name}.csv",
                [row for row in rows if (row.get("kecamatan_code") or row["desa_code"][:8]) in kept],
            )
        return
    for name, rows in tables.items():
        _write(seeds / f"{name}.csv", [_moved(row, number) for number in range(max(1, round(factor))) for row in rows])


def write(factor: float, landing: str, truth: str) -> Callable[[], dict[str, int]]:
    """Write the deliveries of so many regencies, in a process that runs the copied code."""
    from include.synthetic.__main__ import write_regency
    from include.synthetic.population import Size

    size = Size(None, round(FAMILIES * factor), round(UNDER_FIVES * factor), MONTHS)
    workers = 1 if factor > LARGEST_WITHIN_CAPS else 2  # the largest lists are sorted in memory
    return lambda: {"files": write_regency(size, Path(landing), Path(truth), workers=workers)}


def _moved(row: dict[str, str], number: int) -> dict[str, str]:
    """Return a row of the regency as that of the made-up regency of this number: other codes, other names."""
    if not number:
        return row
    moved = {
        column: re.sub("36([.]?)04", rf"36\g<1>{20 + number}", value, count=1) if column.endswith("code") else value
        for column, value in row.items()
    }
    return moved | {column: f"{row[column]} {QUARTERS[number]}" for column in _NAMES if column in row}


def _raise_caps(file: Path, times: int) -> None:
    """Let one delivery be as many times larger, as whoever runs a province would."""
    text = file.read_text(encoding="utf-8")
    for cap in ("MAX_INFLATED_BYTES", "MAX_ROWS"):
        text, found = re.subn(rf"^{cap} = .*$", rf"\g<0> * {times}", text, flags=re.MULTILINE)
        assert found == 1, cap
    file.write_text(text, encoding="utf-8")


def _read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _write(file: Path, rows: list[dict[str, str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
