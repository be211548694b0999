"""Disdukcapil: children of the civil registry."""

import datetime

from include.synthetic.lists.cells import ADDRESS, RT, RW, Cells, Listing

AGE_HEADER = "USIA BLN PER"  # the date of the extract follows it


def anak(is_first: bool, extracted_on: datetime.date) -> Listing:
    """Children under five of the civil registry at a date, resident or away."""
    day = f"date '{extracted_on}'"
    cells: Cells = {
        "NO": ("row_number() over (order by c.child)", 0),
        "NAMA LENGKAP": ("upper(p.capil_name)", "text"),
        "NIK": ("c.nik::varchar", "text"),
        "NO KK": ("f.no_kk::varchar", "text"),
        "TGL LHR": ("date '1970-01-01' + c.born_on", "date"),
        "JENIS KLMIN": ("if(c.is_male, 'LAKI-LAKI', 'PEREMPUAN')", "text"),
        "NAMA LENGKAP IBU": ("upper(m.capil_name)", "text"),
        "NAMA LENGKAP AYAH": ("coalesce(upper(a.capil_name), '-')", "text"),
        "ALAMAT": (ADDRESS, "text"),
        "NO RT": (RT, "text"),
        "NO RW": (RW, "text"),
        "NAMA KELURAHAN": ("upper(d.desa_name)", "text"),
        "NAMA KECAMATAN": ("upper(d.kecamatan_name)", "text"),
        AGE_HEADER: (f"datesub('month', date '1970-01-01' + c.born_on, {day})", 0),
    }
    source = (
        "from child as c inner join family as f on c.family = f.family inner join desa as d on f.registered_desa = d.desa"
        " inner join person as p on c.person = p.person inner join person as m on c.mother = m.person left join person as a on c.father = a.person"
        f" where c.is_in_capil and date '1970-01-01' + c.capil_on <= {day}"
        f" and date '1970-01-01' + c.born_on > {day} - interval 60 month order by c.child"
    )
    return Listing(cells, source, who="c.child, c.person, c.family")
