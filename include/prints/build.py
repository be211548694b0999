"""Writes the prints of one zone of a release: three reports each night, the profiles of its desa when asked for.

typst sets them, from the templates beside this module and its own embedded fonts. A template reads nothing but the
JSON it is given, so equal tables and an equal release name give equal bytes. Measured 2026-11-24 with 326 invented
desa of 30 months: the reports take 0.3 s of computing a zone, the profiles 25 s, so those are no part of a night.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typst

from include.prints.profile import Profiles
from include.prints.reports import achievements, ranking, semester
from include.prints.zone import Zone, read_zone
from include.private import write_private

TEMPLATES = Path(__file__).parent
REPORTS: dict[str, Callable[[Zone], dict[str, Any]]] = {
    "peringkat_kecamatan": ranking,
    "capaian_opd": achievements,
    "laporan_semester": semester,
}
SIZES = (1, 0.94, 0.88, 0.8, 0.7, 0.6, 0.5)
ONE_PAGE = b"/Type/Pages/Count 1/"  # as typst writes the tree of pages, uncompressed


class Press:
    """One compiler for many prints: a new one for each would look for its fonts each time."""

    def __init__(self) -> None:
        self._compiler: Any = typst.Compiler(root=TEMPLATES, ignore_system_fonts=True)

    def pages(self, template: str, data: dict[str, Any], size: float = 1) -> bytes:
        """Return a template filled with data, as PDF; `size` makes the page's content smaller."""
        given = {"data": json.dumps(data, ensure_ascii=False), "size": str(size)}
        # the moment of making is none of the data's: a fixed one keeps equal prints equal
        pdf = self._compiler.compile(TEMPLATES / f"{template}.typ", sys_inputs=given, format="pdf", timestamp=0)
        assert isinstance(pdf, bytes)  # a list only where a picture of each page is asked for
        return pdf

    def one_page(self, template: str, data: dict[str, Any]) -> bytes:
        """Return it on exactly one page, as much smaller as its texts need; raise `ValueError` when none is enough."""
        for size in SIZES:
            pdf = self.pages(template, data, size)
            if ONE_PAGE in pdf:
                return pdf
        raise ValueError(f"{template}: {data['title']} does not fit on one page.")


def write_prints(zone_folder: Path, release: str, as_of: dict[str, str]) -> None:
    """Write `print/<report>.pdf` of one zone into its folder, from its own tables alone.

    `as_of`: the newest accepted period per dataset, as `dinkes/penimbangan: 2026-10`.
    """
    zone = read_zone(zone_folder, release, as_of)
    press = Press()
    for name, report in REPORTS.items():
        write_private(zone_folder / "print" / f"{name}.pdf", press.pages(name, report(zone)))


def write_profiles(zone_folder: Path, release: str, as_of: dict[str, str], folder: Path, desa: str = "") -> list[Path]:
    """Write `<desa_code>.pdf` of all desa of a zone, or of one, into a folder; return the files, none for no such desa."""
    profiles = Profiles(read_zone(zone_folder, release, as_of))
    press = Press()
    written = []
    for code in [code for code in profiles.codes() if desa in ("", code)]:
        written.append(folder / f"{code}.pdf")
        write_private(written[-1], press.one_page("profil", profiles.page(code)))
    return written
