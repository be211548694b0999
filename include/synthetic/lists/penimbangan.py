"""The weighing list of one puskesmas and month, in every layout of the exporting application."""

from pathlib import Path

from include.synthetic.faults import FILE_FAULTS
from include.synthetic.files import Form
from include.synthetic.lists.cells import REGENCY, Cells, cell


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
    "Kab/Kota": (REGENCY, "text"),
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
        cells.append(f'{cell(sql, kind, form, fault == "mixed_date_order")} as "{title}"')
    return (
        f"select {', '.join(cells)} from weighing as w inner join register as r on w.entry = r.entry"
        f" where w.file_no = {file_no} order by w.row_no"
    )


def who_was_weighed(lists: list[tuple[Path, int, int]]) -> str:
    """Who the child of each row of the weighing lists is; a list is its path, its number and the rows above its first child."""
    values = ", ".join(f"('{path}', {file_no}, {rows_above})" for path, file_no, rows_above in lists)
    return (
        "select l.path, w.row_no + l.rows_above as row_no, c.child, c.person, c.family"
        f" from (values {values}) as l (path, file_no, rows_above)"
        " inner join weighing as w on l.file_no = w.file_no inner join child as c on w.child = c.child"
    )
