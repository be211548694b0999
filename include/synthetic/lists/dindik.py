"""Dinas Pendidikan: early education."""

import datetime

from include.synthetic.lists.cells import DESA, Cells, Listing, per_desa


def paud_desa(is_first: bool, extracted_on: datetime.date) -> Listing:
    """Children in early education and their teachers per desa."""
    cells: Cells = {
        "Kecamatan": ("d.kecamatan_name", "text"),
        "Desa": (DESA, "text"),
        "Tahun": (str(extracted_on.year), 0),
        "Anak 2-6 Tahun": ("t.children_2_6", 0),
        "Anak Ikut PAUD": ("t.children_attending", 0),
        "Guru PAUD": ("t.teachers", 0),
        "Guru Terlatih": ("t.trained_teachers", 0),
    }
    return Listing(cells, per_desa("paud_desa", is_first), fault="t.fault")
