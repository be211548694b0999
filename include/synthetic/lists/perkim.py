"""Perkim: the survey of unfit houses."""

import datetime

from include.synthetic.lists.cells import ADDRESS, RT, RW, Cells, Listing


def rtlh_rumah(is_first: bool, extracted_on: datetime.date) -> Listing:
    """About 3 % of houses, the worse ones; half of the owners' family cards are masked (domain 2)."""
    cells: Cells = {
        "No": ("row_number() over (order by f.family)", 0),
        "ID Rumah": ("'RTLH-' || replace(d.kecamatan_code, '.', '') || '-' || lpad(f.family::varchar, 6, '0')", "text"),
        "Nama Pemilik": ("upper(h.name)", "text"),
        "NIK Pemilik": ("h.nik::varchar", "text"),
        "No KK Pemilik": (
            (
                "case when f.chance_house < 100 then left(f.no_kk::varchar, 6) || '**********'"
                " when f.chance_house < 120 then null else f.no_kk::varchar end"
            ),
            "text",
        ),
        "Alamat": (f"{ADDRESS} || ' RT ' || {RT} || ' RW ' || {RW}", "text"),
        "Desa": ("if(f.family % 3 = 0, coalesce(d.alias, d.desa_name), d.desa_name)", "text"),
        "Kecamatan": ("d.kecamatan_name", "text"),
        "Tanggal Survei": ("date '2026-02-02' + (f.family % 170)::int", "date"),
        "Sumber Air Minum": (
            (
                "['Air Kemasan/Isi Ulang', 'Air Kemasan/Isi Ulang', 'PDAM', 'Sumur Bor', 'Sumur Terlindung',"
                " 'Sumur Tidak Terlindung', 'Mata Air', 'Mata Air', 'Lainnya', 'Air Hujan', 'Lainnya'][f.water_source]"
            ),
            "text",
        ),
        "Jarak Air ke Septictank": ("if(f.family % 2 = 0, '>= 10 m', '< 10 m')", "text"),
        "Kamar Mandi dan Jamban": (
            "case when f.latrine_access = 1 then 'Sendiri' when f.latrine_access <= 4 then 'Bersama' else 'Tidak Ada' end",
            "text",
        ),
        "Jenis Kloset": (
            "case f.closet_type when 0 then null when 1 then 'Leher Angsa' when 4 then 'Cemplung' else 'Plengsengan' end",
            "text",
        ),
        "Jenis TPA Tinja": (
            (
                "case when f.disposal in (1, 2) then 'Septictank/IPAL' when f.disposal = 3 then 'Kolam/Sawah/Sungai/Danau/Laut'"
                " when f.disposal = 4 then 'Lubang Tanah' when f.disposal = 5 then 'Pantai/Tanah Lapang/Kebun' end"
            ),
            "text",
        ),
        "Status Rumah": ("if(f.chance_house % 8 = 0, 'Layak Huni', 'RTLH')", "text"),
    }
    source = (
        "from family as f inner join desa as d on f.desa = d.desa inner join head as h on f.family = h.family"
        " where f.is_surveyed order by f.family"
    )
    return Listing(cells, source)
