"""Kemenag: counselling of couples at the KUA."""

import datetime

from include.synthetic.lists.cells import Cells, Listing, turn


def bimwin(is_first: bool, extracted_on: datetime.date) -> Listing:
    """Weddings and counselled couples per KUA."""
    cells: Cells = {
        "KUA Kecamatan": ("upper(t.kecamatan_name)", "text"),
        "Tahun": (str(extracted_on.year), 0),
        "Triwulan": (str(extracted_on.month // 3), 0),
        "Peristiwa Nikah": ("t.marriages", 0),
        "Pasangan Mengikuti Bimwin": ("t.counselled_couples", 0),
    }
    return Listing(cells, f"from bimwin as t where t.period = {turn(is_first)} order by t.row", fault="t.fault")
