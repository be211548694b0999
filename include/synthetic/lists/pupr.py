"""PUPR: access to drinking water."""

import datetime

from include.synthetic.lists.cells import Cells, Listing


def air_minum_desa(is_first: bool, extracted_on: datetime.date) -> Listing:
    """Families per desa with proper water; the earlier year three points lower; one desa counts more than it has."""
    source = """
        from (
            select
                d.desa,
                any_value(d.kecamatan_name) as kecamatan_name,
                any_value(if(d.desa % 2 = 0, coalesce(d.alias, d.desa_name), d.desa_name)) as desa_name,
                count(*) as families,
                sum(f.members) as persons,
                count(*) filter (where not f.has_unfit_water) as improved
            from family as f
            inner join desa as d on f.desa = d.desa
            group by d.desa
        ) as t
        order by t.desa
    """
    improved = f"(t.improved * {0.97 if is_first else 1.0})::int"
    cells: Cells = {
        "No": ("row_number() over (order by t.desa)", 0),
        "Kecamatan": ("t.kecamatan_name", "text"),
        "Desa": ("t.desa_name", "text"),
        "Tahun": (str(extracted_on.year), 0),
        "Jumlah KK": ("t.families", 0),
        "Jumlah Jiwa": ("t.persons", 0),
        "KK Akses Air Minum Layak": (f"if(t.desa = 7, t.families + 25, {improved})", 0),
        "KK Akses Air Minum Aman": (f"if(t.desa % 11 = 5, null, {improved} // 6)", 0),
        "Keterangan": ("null::varchar", "text"),
    }
    return Listing(cells, source)
