"""Writes the prints of one zone of a release: `print/profil/<desa_code>.pdf` and three reports.

typst sets them, from the templates beside this module and its own embedded fonts. A template reads nothing but the
JSON it is given, so equal tables and an equal release name give equal bytes.
"""

import json
from pathlib import Path
from typing import Any

import typst

from include.prints.profile import Profiles
from include.prints.reports import achievements, ranking, semester
from include.prints.zone import read_zone

TEMPLATES = Path(__file__).parent
ONE_PAGE = b"/Type/Pages/Count 1/"  # as typst writes the tree of pages, uncompressed
REPORTS = {"peringkat_kecamatan": ranking, "capaian_opd": achievements, "laporan_semester": semester}
SIZES = (1, 0.94, 0.88, 0.8, 0.7, 0.6, 0.5)


def write_prints(zone_folder: Path, release: str, as_of: dict[str, str]) -> None:
    """Write the prints of one zone into its folder, from its own tables alone."""
    folder = zone_folder / "print"
    (folder / "profil").mkdir(parents=True, exist_ok=True)
    zone = read_zone(zone_folder, release, as_of)
    profiles = Profiles(zone)
    press = Press()
    for name, report in REPORTS.items():
        (folder / f"{name}.pdf").write_bytes(press.pages(name, report(zone)))
    for code in profiles.codes():
        (folder / "profil" / f"{code}.pdf").write_bytes(press.one_page("profil", profiles.page(code)))


class Press:
    """One compiler for many prints: a new one for each would read its fonts each time."""

    def __init__(self) -> None:
        self._compiler = typst.Compiler(root=TEMPLATES, ignore_system_fonts=True)

    def pages(self, template: str, data: dict[str, Any], size: float = 1) -> bytes:
        """Return a template filled with data, as PDF; `size` makes the page's content smaller."""
        given = {"data": json.dumps(data, ensure_ascii=False), "size": str(size)}
        pdf = self._compiler.compile(TEMPLATES / f"{template}.typ", sys_inputs=given, format="pdf", timestamp=0)
        return bytes(pdf)

    def one_page(self, template: str, data: dict[str, Any]) -> bytes:
        """Return it on exactly one page, as much smaller as its texts need; raise `ValueError` when none is enough."""
        for size in SIZES:
            pdf = self.pages(template, data, size)
            if ONE_PAGE in pdf:
                return pdf
        raise ValueError(f"{template}: {data['title']} does not fit on one page.")
