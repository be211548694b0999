"""DPMD: village scorecards and village funds."""

import datetime

from include.synthetic.lists.cells import DESA, DESA_CODE, Cells, Listing, per_desa


def ehdw_desa(is_first: bool, extracted_on: datetime.date) -> Listing:
    """Cadres and converged services per desa."""
    cells: Cells = {
        "Kecamatan": ("upper(d.kecamatan_name)", "text"),
        "Desa": (f"upper({DESA})", "text"),
        "Tahun": (str(extracted_on.year), 0),
        "Triwulan": (str(extracted_on.month // 3), 0),
        "Jumlah KPM": ("t.cadres", 0),
        "KPM Aktif": ("t.active_cadres", 0),
        "Sasaran 1000 HPK": ("t.thousand_day_households", 0),
        "1000 HPK Layanan Lengkap": ("t.converged_households", 0),
    }
    return Listing(cells, per_desa("ehdw_desa", is_first), fault="t.fault")


def dana_desa(is_first: bool, extracted_on: datetime.date) -> Listing:
    """Village fund, what of it is set aside for stunting, and what has been spent of that in the year."""
    cells: Cells = {
        "Kode Desa": (DESA_CODE, "text"),
        "Nama Desa": ("upper(d.desa_name)", "text"),
        "Tahun": (str(extracted_on.year), 0),
        "Triwulan": (str(extracted_on.month // 3), 0),
        "Pagu Dana Desa": ("t.village_fund_rp", "rupiah"),
        "Anggaran Stunting": ("t.stunting_budget_rp", "rupiah"),
        "Realisasi Stunting": ("t.stunting_spent_rp", "rupiah"),
    }
    return Listing(cells, per_desa("dana_desa", is_first), fault="t.fault")
