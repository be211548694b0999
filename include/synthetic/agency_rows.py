"""Queries that put the invented regency into the rows and columns of each agency's own list."""

import datetime
from pathlib import Path

from include.synthetic.faults import FILE_FAULTS
from include.synthetic.files import Form
from include.synthetic.names import WORDS
from include.synthetic.store import texts

Cells = dict[str, tuple[str, str | int]]  # header -> expression and kind


# A column of the weighing list: an expression and its kind (text, date, nik, or the digits after the decimal point).
# Aliases: w weighing, r register.
def _label(z: str, *steps: tuple[float, str], last: str) -> str:
    whens = " ".join(f"when {z} < {limit} then '{label}'" for limit, label in steps)
    return f"case {whens} else '{last}' end"


# The exporting application works in whole months, so its z-scores lie near the truth but not on it.
WAZ, HAZ, WHZ = (f"(w.{z} + (w.shift - 128) / 1200.0)" for z in ("waz", "haz", "whz"))
WEIGHT_LABEL = _label(WAZ, (-3, "Sangat Kurang"), (-2, "Kurang"), (1, "Berat Badan Normal"), last="Risiko Lebih")
HEIGHT_LABEL = _label(HAZ, (-3, "Sangat Pendek"), (-2, "Pendek"), (3, "Normal"), last="Tinggi")
THIN_LABEL = _label(
    WHZ, (-3, "Gizi Buruk"), (-2, "Gizi Kurang"), (1, "Gizi Baik"), (2, "Risiko Gizi Lebih"),
    (3, "Gizi Lebih"), last="Obesitas",
)  # fmt: skip
MEASURED_ON = "(date '1970-01-01' + w.day)"
AGE = f"age({MEASURED_ON}, date '1970-01-01' + w.day - w.age_days)"
AGE_TEXT = (
    f"date_part('year', {AGE})::int || ' Tahun - ' || date_part('month', {AGE})::int || ' Bulan - '"
    f" || date_part('day', {AGE})::int || ' Hari'"
)
VITAMIN_A = f"if(month({MEASURED_ON}) in (2, 8) and w.age_days between 183 and 1826, '1', null)"
WEIGHING_CELLS: Cells = {
    "No": ("w.row_no", 0),
    "NIK": ("nullif(r.nik, 0)", "nik"),
    "Nama": ("nullif(if(w.age_days < r.named_from_days, r.early_name, r.name), '')", "text"),
    "JK": ("case when {fault} = 'sex_unknown' then 'X' when r.is_male then 'L' else 'P' end", "text"),
    "Tgl Lahir": ("if({fault} = 'birth_date_missing', null, r.born_on)", "date"),
    "BB Lahir": ("r.birth_weight_kg", 1),
    "TB Lahir": ("r.birth_length_cm", 0),
    "Nama Ortu": ("nullif(r.parents, '')", "text"),
    "Prov": ("'BANTEN'", "text"),
    "Kab/Kota": ("'SERANG'", "text"),
    "Kec": ("upper(r.kecamatan_name)", "text"),
    "Pukesmas": ("upper(r.puskesmas_name)", "text"),
    "Desa/Kel": ("upper(r.desa_name)", "text"),
    "Posyandu": ("upper(r.posyandu_name)", "text"),
    "RT": ("r.rt", "text"),
    "RW": ("r.rw", "text"),
    "Alamat": ("upper(r.address)", "text"),
    "Usia Saat Ukur": (AGE_TEXT, "text"),
    "Tanggal Pengukuran": (
        f"if({{fault}} = 'future_date', {MEASURED_ON} + interval 36 year, {MEASURED_ON})::date",
        "date",
    ),
    "Berat": ("w.typed_weight_kg", 1),
    "Tinggi": ("w.typed_height_cm", 1),
    "Cara Ukur": (
        "case when {fault} = 'position_unknown' then 'Duduk' when w.position = 1 then 'Terlentang' else 'Berdiri' end",
        "text",
    ),
    "LiLA": ("w.muac_cm", 1),
    "BB/U": (f"if(w.typed_weight_kg is null, null, {WEIGHT_LABEL})", "text"),
    "ZS BB/U": (f"if(w.typed_weight_kg is null, null, {WAZ})", 2),
    "TB/U": (f"if(w.typed_height_cm is null, null, {HEIGHT_LABEL})", "text"),
    "ZS TB/U": (f"if(w.typed_height_cm is null, null, {HAZ})", 2),
    "BB/TB": (f"if(w.typed_height_cm + w.typed_weight_kg is null, null, {THIN_LABEL})", "text"),
    "ZS BB/TB": (f"if(w.typed_height_cm + w.typed_weight_kg is null, null, {WHZ})", 2),
    "Naik Berat Badan": ("w.gain", "text"),
    "Jml Vit A": (VITAMIN_A, "text"),
    "KPSP": ("if(w.dice % 9 = 0, 'Sesuai', null)", "text"),
    "KIA": ("if(r.entry % 5 = 0, 'Tidak', 'Ya')", "text"),
    "Kelas Ibu Balita": ("if(r.entry % 3 = 0, 'Ya', 'Tidak')", "text"),
    "MBG": ("if(r.entry % 7 = 0, 'Ya', 'Tidak')", "text"),
    "Detail": ("null::varchar", "text"),
    "PMT Diterima (kg)": (f"if({WHZ} < -2, 3, null)", 0),
    "Bulan Pengukuran": (f"strftime({MEASURED_ON}, '%m')", "text"),
    "Status Bulan": ("if(w.gain = 'B', 'Baru', 'Lama')", "text"),
    "status tahun": (f"strftime({MEASURED_ON}, '%Y')", "text"),
    "Detail Status": (f"if({HAZ} < -2, 'Stunting', null)", "text"),
    "status desa": ("if(length(r.desa_name) % 4 = 0, 'Lokus', null)", "text"),
    # the weighing operation
    "Nomor KK": ("r.no_kk", "text"),
    "Anak Ke": ("r.entry % 4 + 1", 0),
    "NIK Orang Tua": ("r.parent_nik", "text"),
    "No HP Orang Tua": ("null::varchar", "text"),
    "Usia Kehamilan (minggu)": ("r.gestation_weeks", 0),
    "Panjang Lahir - Sasaran (cm)": ("r.birth_length_cm", 0),
    "Lingkar Kepala Lahir (cm)": ("r.birth_length_cm - 15", 0),
    "IMD": ("if(r.entry % 4 = 0, 'Tidak', 'Ya')", "text"),
    "Kia Bayi Kecil": ("if(r.birth_weight_kg < 2.5, 'Ya', 'Tidak')", "text"),
    "Lingkar Kepala (cm)": ("if(w.dice < 90, 34 + 12 * sqrt(w.age_days / 1900.0) + w.shift / 128.0, null)", 1),
    "Pitting Edema": ("if(w.dice = 77 and w.whz < -1, '1', 'tidak')", "text"),
    "Tindak Lanjut": (f"if({WHZ} < -3, 'Rujuk', null)", "text"),
    "Keterangan": ("null::varchar", "text"),
    "Sumber Data": ("'Operasi Timbang'", "text"),
}
for _month in range(7):
    WEIGHING_CELLS[f"ASI Bulan {_month}"] = (
        f"if(w.age_days >= {31 * (_month + 1)}, if((r.entry + {_month}) % 7 < {5 - _month // 2}, 'Ya', 'Tidak'), null)",
        "text",
    )
WEIGHING_CELLS |= {
    "Nama Anak": WEIGHING_CELLS["Nama"],
    "Jenis Kelamin": (
        "case when {fault} = 'sex_unknown' then 'X' when r.is_male then 'Laki-laki' else 'Perempuan' end",
        "text",
    ),
    "Tanggal Lahir": WEIGHING_CELLS["Tgl Lahir"],
    "Nama Orang Tua (Ibu/Ayah)": WEIGHING_CELLS["Nama Ortu"],
    "Kecamatan": WEIGHING_CELLS["Kec"],
    "Puskesmas": WEIGHING_CELLS["Pukesmas"],
    "Kelurahan": WEIGHING_CELLS["Desa/Kel"],
    "Berat Lahir - Sasaran (kg)": WEIGHING_CELLS["BB Lahir"],
    "Berat (kg)": WEIGHING_CELLS["Berat"],
    "Tinggi (cm)": WEIGHING_CELLS["Tinggi"],
    "LiLA (cm)": WEIGHING_CELLS["LiLA"],
}

MISTYPED = {
    "held": ("w.typed_height_cm", f"if({FILE_FAULTS['held']}, w.typed_height_cm * 10, w.typed_height_cm)"),
    "redelivered": (
        "w.typed_weight_kg",
        f"if({FILE_FAULTS['redelivered']}, w.typed_weight_kg + 0.3 + w.dice % 5 * 0.3, w.typed_weight_kg)",
    ),
}


def penimbangan(headers: list[str], form: Form, file_no: int, faults: dict[str, int], fault: str = "") -> str:
    """The weighing list of one puskesmas and month.

    Args:
        headers: the layout.
        form: how numbers, dates, NIK and missing values are written.
        file_no: number of the list in the table weighing.
        faults: number of each row fault in weighing.row_fault.
        fault: a fault of the whole file, a key of FILE_FAULTS or wrong_header.
    """
    right, wrong = MISTYPED.get(fault, ("", ""))
    cells = []
    for header in headers:
        sql, kind = WEIGHING_CELLS[header]
        sql = wrong if sql == right else sql
        for name, number in faults.items():
            sql = sql.replace(f"{{fault}} = '{name}'", f"w.row_fault = {number}")
        title = header.replace("Tinggi", "Tingi") if fault == "wrong_header" else header
        cells.append(f'{_cell(sql, kind, form, fault == "mixed_date_order")} as "{title}"')
    return (
        f"select {', '.join(cells)} from weighing as w inner join register as r on w.entry = r.entry"
        f" where w.file_no = {file_no} order by w.row_no"
    )


# who the person of a row is, in lists of persons: child (null for others), person and family
WHO = {
    "anak": "c.child, c.person, c.family",
    "dtsen_anggota": "nullif(p.child, -1) as child, p.person, p.family",
}


def who(columns: str, source: str, path: Path, rows_above: int) -> str:
    """The truth of a delivered list: who the person of each row is, and the row's number as a spreadsheet shows it.

    It is made of the same rest of a query as the list, whose order gives the numbers.
    """
    rest, _, order = source.rpartition(" order by ")
    return f"select '{path}' as path, row_number() over (order by {order}) + {rows_above} as row_no, {columns} {rest}"


def who_was_weighed(lists: list[tuple[Path, int, int]]) -> str:
    """The same of all weighing lists, given as path, number of the list and rows above the first child."""
    values = ", ".join(f"('{path}', {file_no}, {rows_above})" for path, file_no, rows_above in lists)
    return (
        f"select l.path, w.row_no + l.rows_above as row_no, {WHO['anak']}"
        f" from (values {values}) as l (path, file_no, rows_above)"
        " inner join weighing as w on l.file_no = w.file_no inner join child as c on w.child = c.child"
    )


def _cell(sql: str, kind: str | int, form: Form, mixed_dates: bool = False) -> str:
    """An expression as the form writes it: text in a csv, a typed cell in a workbook."""
    blank = "-" if form.missing == "0" else form.missing
    if kind == "nik":
        sql = {
            "text": f"({sql})::varchar",
            "masked": f"left(({sql})::varchar, 5) || '***********'",
            "scientific": f"replace(printf('%.5E', ({sql})::double), '.', '{form.decimal}')",
            "number": f"({sql}) // 10 * 10",  # Excel keeps 15 digits
        }[form.nik]
        return sql if form.nik == "number" else _or(sql, blank)
    if kind == "text":
        return _or(sql, blank)
    if kind == "date":
        if form.dates in ("excel", "serial"):
            return sql
        written = f"strftime({sql}, '{form.dates}')"
        if mixed_dates:
            other = "%m" + form.dates[2] + "%d" + form.dates[2] + "%Y"
            written = f"if({FILE_FAULTS['mixed_date_order']}, strftime({sql}, '{other}'), {written})"
        return _or(written, blank)
    if form.file != "csv":
        return (
            f"coalesce(round({sql}, {kind}), {form.missing})"
            if form.missing == "0"
            else f"round({sql}, {kind})::double"
        )
    number = f"({sql})::decimal(9, {kind})::varchar" if kind else f"({sql})::bigint::varchar"
    if form.decimal == "," and kind:
        number = f"replace({number}, '.', ',')"
    return _or(number, form.missing)


def _or(sql: str, missing: str) -> str:
    return f"coalesce({sql}, '{missing}')" if missing else sql


def select(headers: list[str], cells: Cells, form: Form, source: str) -> str:
    """A query of any list: the cells of a layout, written in a form, from the rest of the query."""
    columns = [f'{_cell(*cells[header], form)} as "{header}"' for header in headers]
    return f"select {', '.join(columns)} {source}"


ADDRESS = f"'KP. ' || upper({texts(WORDS['kampung'])}[f.kampung + 1])"
RT, RW = "lpad(f.rt::varchar, 3, '0')", "lpad(f.rw::varchar, 3, '0')"


def dtsen_keluarga(is_first: bool, extracted_on: datetime.date) -> tuple[Cells, str]:
    """Families of the register at a date, 5 % are not in it. Text junk in deciles as domain 3.3."""
    decile = "f.decile_before" if is_first else "f.decile"
    cells: Cells = {
        "kode_provinsi": ("'36'", "text"),
        "kode_kabupaten_kota": ("'3604'", "text"),
        "kode_kecamatan": ("d.kecamatan_bps_code", "text"),
        "kode_kelurahan_desa": ("coalesce(nullif(d.bps_code, ''), '-')", "text"),
        "alamat": (ADDRESS, "text"),
        "nomor_kartu_keluarga": ("if(f.chance_kk = 3, null, f.dtsen_no_kk)::varchar", "text"),
        "nama_anggota_keluarga": ("upper(h.name)", "text"),
        "jumlah_anggota_keluarga": ("f.members", 0),
        "desil_nasional": (
            (
                f"case when f.chance_decile < 16 and {decile} >= 6 then '6-10'"
                f" when f.chance_decile < 20 and {decile} >= 6 then '6-10 Dalam Proses penurunan'"
                f" when f.chance_decile between 20 and 25 then 'Belum Ada Desl'"
                f" when f.chance_decile between 26 and 35 then null"
                f" else ({decile})::varchar end"
            ),
            "text",
        ),
        "desil_provinsi": (decile, 0),
        "desil_kabupaten_kota": (decile, 0),
        "pbi_nas": (f"if({decile} <= 4, 'Ya', 'Tidak')", "text"),
        "status_kepemilikan_rumah": ("if(f.family % 9 = 0, 2, 1)", 0),
        "jenis_lantai_terluas": (f"if({decile} <= 3 and f.family % 2 = 0, 5, 2)", 0),
        "luas_lantai": (f"24 + 6 * {decile} + f.family % 13", 0),
        "sumber_air_minum_utama": ("if(f.chance_kk < 12, 0, f.water_source)", 0),
        "sumber_penerangan_utama": ("1", 0),
        "fasilitas_bab": ("f.latrine_access", 0),
        "jenis_kloset": ("f.closet_type", 0),
        "pembuangan_akhir_tinja": ("f.disposal", 0),
    }
    cells["KETERANGAN DESIL"] = cells["desil_nasional"]
    source = (
        "from family as f inner join desa as d on f.registered_desa = d.desa inner join head as h on f.family = h.family"
        " where f.is_in_dtsen order by f.family"
    )
    return cells, source


def dtsen_anggota(is_first: bool, extracted_on: datetime.date) -> tuple[Cells, str]:
    """Persons of those families born 60 days before the date; some names and dates differ, some lack the NIK."""
    cells: Cells = {
        "nomor_induk_kependudukan": ("nullif(p.dtsen_nik, 0)::varchar", "text"),
        "nomor_kartu_keluarga": ("f.dtsen_no_kk::varchar", "text"),
        "nama": ("upper(p.dtsen_name)", "text"),
        "tanggal_lahir": ("date '1970-01-01' + p.dtsen_born_on", "date"),
        "jenis_kelamin": ("case when p.chance_sex = 0 then 0 when p.is_male then 1 else 2 end", 0),
        "status_hubungan_keluarga": ("p.relation", 0),
        "jenjang_pendidikan": ("if(p.chance between 19 and 22, null, p.education)::varchar", "text"),
        "pbi": ("if(f.decile <= 4, 'Ya', 'Tidak')", "text"),
        "status_keberadaan": (
            "case when f.is_away and f.family % 2 = 0 then 2 when p.chance = 23 then 4 else 1 end",
            0,
        ),
        "kode_kelurahan_desa_ktp": ("coalesce(nullif(d.bps_code, ''), '-')", "text"),
    }
    days = (extracted_on - datetime.date(1970, 1, 1)).days - 60
    source = (
        "from person as p inner join family as f on p.family = f.family inner join desa as d on f.registered_desa = d.desa"
        f" where f.is_in_dtsen and p.born_on <= {days} order by p.person"
    )
    return cells, source


def bansos(is_first: bool, extracted_on: datetime.date) -> tuple[Cells, str]:
    """Aid: PKH and BPNT mostly in deciles 1-4, BLT in decile 1; 3 % of deciles 5-10 receive (exclusion and leak are ours)."""
    decile = "f.decile_before" if is_first else "f.decile"
    programme = (
        f"case when {decile} <= 3 and f.chance_aid < 75 then 'PKH' when {decile} <= 4 and f.chance_aid < 150 then 'BPNT'"
        f" when {decile} = 1 and f.chance_aid < 180 then 'BLT' when {decile} > 4 and f.chance_aid < 8 then 'BPNT' end"
    )
    cells: Cells = {
        "No": ("row_number() over (order by f.family)", 0),
        "NIK KTP": ("h.nik::varchar", "text"),
        "Nama": ("upper(h.name)", "text"),
        "IDSEMESTA": ("(9000000 + f.family)::varchar", "text"),
        "BANSOS": (programme, "text"),
        "TAHAP": (str((extracted_on.month - 1) // 3 + 1), 0),
        "Alamat": (ADDRESS, "text"),
        "Desa": ("upper(d.desa_name)", "text"),
        "Kecamatan": ("upper(d.kecamatan_name)", "text"),
        "Keterangan": ("null::varchar", "text"),
    }
    source = (
        "from family as f inner join desa as d on f.desa = d.desa inner join head as h on f.family = h.family"
        f" where {programme} is not null order by f.family"
    )
    return cells, source


AGE_HEADER = "USIA BLN PER"  # the date of the extract follows it


def anak(is_first: bool, extracted_on: datetime.date) -> tuple[Cells, str]:
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
    return cells, source


def rtlh_rumah(is_first: bool, extracted_on: datetime.date) -> tuple[Cells, str]:
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
    return cells, source


def stbm_desa(is_first: bool, extracted_on: datetime.date) -> tuple[Cells, str]:
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
    return cells, source


def air_minum_desa(is_first: bool, extracted_on: datetime.date) -> tuple[Cells, str]:
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
    return cells, source
