"""Dinas Kesehatan: sanitation, pregnancies, immunisations. The weighing list is penimbangan.py."""

import datetime

from include.synthetic.lists.cells import ADDRESS, DESA, ROW_NO, Cells, Listing, masked, turn
from include.synthetic.pregnancies import THIN_BELOW_CM


def stbm_desa(is_first: bool, extracted_on: datetime.date) -> Listing:
    """Families per desa by latrine; one desa in ten claims that nobody is left without one."""
    source = """
        from (
            select
                d.desa,
                any_value(p.puskesmas_name) as puskesmas_name,
                any_value(d.kecamatan_name) as kecamatan_name,
                any_value(coalesce(d.alias, d.desa_name)) as desa_name,
                count(*) as families,
                count(*) filter (where f.latrine_access between 2 and 4) as sharing,
                count(*) filter (where f.latrine_access = 1 and not f.has_bad_latrine) as permanent,
                count(*) filter (where f.latrine_access >= 5) as none_
            from family as f
            inner join desa as d on f.desa = d.desa
            inner join puskesmas as p on d.puskesmas = p.puskesmas
            group by d.desa
        ) as t
        order by t.desa
    """
    none = "if(t.desa % 10 = 4, 0, t.none_)"
    semi = f"(t.families - t.sharing - t.permanent - {none})"
    cells: Cells = {
        "No": ("row_number() over (order by t.desa)", 0),
        "Puskesmas": ("upper(t.puskesmas_name)", "text"),
        "Kecamatan": ("upper(t.kecamatan_name)", "text"),
        "Desa/Kelurahan": ("upper(t.desa_name)", "text"),
        "Tanggal Laporan": (f"date '{extracted_on}' - (t.desa % 9)::int", "date"),
        "Jumlah KK": ("t.families", 0),
        "Sharing/Komunal Sarana": ("t.sharing // 2", 0),
        "Sharing/Komunal KK": ("t.sharing", 0),
        "JSSP Sarana": (semi, 0),
        "JSSP KK": (semi, 0),
        "JSP Sarana": ("t.permanent", 0),
        "JSP KK": ("t.permanent", 0),
        # two in a hundred do not sum up
        "BABS KK": (f"{none} + if(t.desa % 50 = 13, 30, 0)", 0),
        "KK Akses Layak": ("t.permanent + t.sharing", 0),
        "% KK Akses Layak": ("100.0 * (t.permanent + t.sharing) / t.families", 1),
    }
    return Listing(cells, source)


def ibu_hamil(is_first: bool, extracted_on: datetime.date) -> Listing:
    """Pregnancies of a quarter as its last day found them."""
    delivered = "if(t.delivered_on > 0, date '1970-01-01' + t.delivered_on, null)"
    thin_food = f"case when g.muac_cm < {THIN_BELOW_CM} then if(g.gets_extra_food, 'Ya', 'Tidak') when t.has_no_kk then 'Tidak' end"
    cells: Cells = {
        "No": (ROW_NO, 0),
        "NIK Ibu": (masked("t.nik", "t.is_nik_masked"), "text"),
        "No KK": ("if(t.has_no_kk, f.no_kk::varchar, null)", "text"),
        "Nama Ibu": ("upper(t.mother_name)", "text"),
        "Tgl Lahir Ibu": ("date '1970-01-01' + m.born_on", "date"),
        "Nama Suami": ("coalesce(upper(if(t.has_husband, a.name, null)), '-')", "text"),
        "Kecamatan": ("upper(d.kecamatan_name)", "text"),
        "Puskesmas": ("upper(p.puskesmas_name)", "text"),
        "Desa/Kel": (f"upper({DESA})", "text"),
        "Alamat": (ADDRESS, "text"),
        "Gravida": ("g.pregnancy % 4 + 1", 0),
        "HPHT": (
            "(date '1970-01-01' + g.lmp_on + if(t.fault = 'lmp_in_future', interval 2 year, interval 0 year))::date",
            "date",
        ),
        "Kunjungan ANC": ("t.antenatal_visits", 0),
        "Jumlah TTD": ("t.iron_tablets", 0),
        "LiLA": ("if(t.has_muac, if(t.fault = 'muac_in_mm', g.muac_cm * 10, g.muac_cm), null)", 1),
        "Hb": ("if(t.has_haemoglobin, g.haemoglobin, null)", 1),
        "TB Ibu": ("g.height_cm", 1),
        "PMT": (f"coalesce(if(t.has_extra_food, {thin_food}, null), '-')", "text"),
        "Tgl Persalinan": (delivered, "date"),
        "KB Pasca Salin": ("if(t.delivered_on > 0, if(g.uses_contraception, 'Ya', 'Tidak'), null)", "text"),
        "Keterangan": ("null::varchar", "text"),
    }
    source = (
        "from ibu_hamil as t inner join pregnancy as g on t.pregnancy = g.pregnancy inner join family as f on g.family = f.family"
        " inner join desa as d on f.desa = d.desa inner join puskesmas as p on d.puskesmas = p.puskesmas"
        " inner join person as m on g.mother = m.person"
        " left join (select family, name from person where is_father) as a on g.family = a.family"
        f" where t.quarter = {turn(is_first)} order by t.row"
    )
    return Listing(cells, source, fault="t.fault")


def imunisasi(is_first: bool, extracted_on: datetime.date) -> Listing:
    """Children of 0 to 23 months at a date, with the doses entered until then."""
    day = (extracted_on - datetime.date(1970, 1, 1)).days
    doses = {
        dose: f"if(i.{dose}_on > 0 and i.{dose}_entered_on <= {day}, date '1970-01-01' + i.{dose}_on, null)"
        for dose in ("hb0", "bcg", "polio4", "dpt3", "ipv", "mr1")
    }
    name = f"if(c.born_on + t.named_from_days > {day}, 'BY NY ' || t.mother_name, t.name)"
    cells: Cells = {
        "No": (ROW_NO, 0),
        "NIK": (masked("t.nik", "t.is_nik_masked"), "text"),
        "Nama Anak": (f"upper({name})", "text"),
        "Tgl Lahir": ("date '1970-01-01' + t.born_on", "date"),
        "JK": ("case when t.fault = 'sex_unknown' then 'X' when t.is_male then 'L' else 'P' end", "text"),
        "Nama Ibu": ("upper(t.mother_name)", "text"),
        "Kecamatan": ("upper(d.kecamatan_name)", "text"),
        "Puskesmas": ("upper(p.puskesmas_name)", "text"),
        "Desa/Kel": (f"upper({DESA})", "text"),
        "HB0": (doses["hb0"], "date"),
        "BCG": (
            f"({doses['bcg']} + if(t.fault = 'dose_in_future', interval 10 year, interval 0 year))::date",
            "date",
        ),
        "Polio 4": (doses["polio4"], "date"),
        "DPT-HB-Hib 3": (doses["dpt3"], "date"),
        "IPV": (doses["ipv"], "date"),
        "Campak-Rubela 1": (doses["mr1"], "date"),
        "IDL": (f"if({' and '.join(f'{given} is not null' for given in doses.values())}, 'Ya', 'Tidak')", "text"),
    }
    # the earlier doses of a course, four weeks apart; nobody reads them
    for course, last, count in (("Polio", "polio4", 4), ("DPT-HB-Hib", "dpt3", 3)):
        for dose in range(1, count):
            cells[f"{course} {dose}"] = (f"({doses[last]} - {28 * (count - dose)})::date", "date")
    born_after = f"date '{extracted_on}' - interval 24 month"
    source = (
        "from imunisasi as t inner join immunisation as i on t.immunisation = i.immunisation inner join child as c on i.child = c.child"
        " inner join family as f on c.family = f.family inner join desa as d on f.desa = d.desa"
        " inner join puskesmas as p on d.puskesmas = p.puskesmas"
        f" where c.born_on <= {day} and last_day(date '1970-01-01' + c.born_on) > {born_after} order by t.row"
    )
    return Listing(cells, source, who="c.child, c.person, c.family", fault="t.fault")
