"""Ketahanan Pangan: the map of food security and vulnerability."""

import datetime

from include.synthetic.lists.cells import DESA_CODE, Cells, Listing, per_desa


def fsva_desa(is_first: bool, extracted_on: datetime.date) -> Listing:
    """Class of each desa, 1 the most prone, and the six indicators from which it follows."""
    cells: Cells = {
        "Kode Desa": (DESA_CODE, "text"),
        "Kecamatan": ("d.kecamatan_name", "text"),
        "Nama Desa": ("d.desa_name", "text"),
        "Tahun": (str(extracted_on.year), 0),
        "Rasio Lahan": ("t.land_ratio", 3),
        "Rasio Sarana Pangan": ("t.food_supply_ratio", 3),
        "Penduduk Tidak Sejahtera": ("t.poor_pct", 2),
        "Tanpa Akses Penghubung": ("t.is_cut_off", 0),
        "Tanpa Air Bersih": ("t.dry_pct", 2),
        "Rasio Tenaga Kesehatan": ("t.health_worker_ratio", 2),
        "Prioritas": ("t.priority", 0),
    }
    return Listing(cells, per_desa("fsva_desa", is_first), fault="t.fault")
