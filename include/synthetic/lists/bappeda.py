"""Bappeda: budgets tagged to indicators, and the surveys."""

import datetime

from include.synthetic.lists.cells import Cells, Listing, turn


def anggaran(is_first: bool, extracted_on: datetime.date) -> Listing:
    """Budget lines with what has been spent in the year."""
    cells: Cells = {
        "Kode Indikator": ("t.indicator_id", "text"),
        "Kode Sub Kegiatan": ("t.sub_activity_code", "text"),
        "Sub Kegiatan": ("t.sub_activity", "text"),
        "Perangkat Daerah": ("t.agency", "text"),
        "Tahun": (str(extracted_on.year), 0),
        "Triwulan": (str(extracted_on.month // 3), 0),
        "Pagu": ("t.budget_rp", "rupiah"),
        "Realisasi": ("t.spent_rp", "rupiah"),
    }
    return Listing(cells, f"from anggaran as t where t.quarter = {turn(is_first)} order by t.row", fault="t.fault")


def survei(is_first: bool, extracted_on: datetime.date) -> Listing:
    """Figures of the yearly survey; the title says that they are invented."""
    cells: Cells = {
        "Survei": ("'SSGI'", "text"),
        "Tahun": ("t.year", 0),
        "Wilayah": ("t.area", "text"),
        "Kode Indikator": ("'stunting'", "text"),
        "Prevalensi": ("t.estimate_pct", 1),
        "Batas Bawah": ("t.low_pct", 1),
        "Batas Atas": ("t.high_pct", 1),
        "Sampel": ("t.sample", 0),
        "Sumber": ("'SSGI ' || t.year || ' (data sintetis)'", "text"),
    }
    return Listing(cells, "from survei as t order by t.row", title="DATA SINTETIS: PREVALENSI STUNTING MENURUT SURVEI")
