"""DKBP3A: families at risk of stunting, brides, parenting classes."""

import datetime

from include.synthetic.lists.cells import DESA, REGENCY, ROW_NO, Cells, Listing, masked, per_desa, turn
from include.synthetic.pregnancies import THIN_BELOW_CM


def krs_keluarga(is_first: bool, extracted_on: datetime.date) -> Listing:
    """Target families of a round. Codes: 1 yes and 2 no, of conditions 1 fit and 2 unfit, of the 4T 1 no, 2 yes, 3 none."""

    def code(condition: str, yes: int, no: int) -> str:
        return f"if({condition}, {yes}, {no})::varchar"

    rank = "least(greatest(f.decile + k.welfare_shift, 1), 10)"
    is_at_risk = "(r.is_at_risk <> (t.fault = 'status_contradicts'))"
    cells: Cells = {
        "kode_keluarga": ("k.family_code::varchar", "text"),
        "nik_istri": (masked("k.wife_nik", "false"), "text"),
        "nama_istri": ("upper(k.wife_name)", "text"),
        "nama_suami": ("coalesce(upper(if(k.has_husband_name, a.name, null)), '-')", "text"),
        "no_kk": (masked("k.no_kk", "false"), "text"),
        "nama_kabupaten": (REGENCY, "text"),
        "nama_kecamatan": ("upper(d.kecamatan_name)", "text"),
        "nama_kelurahan": (f"upper({DESA})", "text"),
        "punya_pus": (code("r.has_couple", 1, 2), "text"),
        "pus_hamil": (code("r.is_pregnant", 1, 2), "text"),
        "punya_baduta": (code("r.has_under_two", 1, 2), "text"),
        "punya_balita": (code("r.has_two_to_five", 1, 2), "text"),
        "kondisi_sumber_air_minum": (
            f"if(t.fault = 'code_unknown', '9', {code('r.has_unfit_water', 2, 1)})",
            "text",
        ),
        "kondisi_fasilitas_bab": (code("r.has_bad_latrine", 2, 1), "text"),
        "kesejahteraan": (f"if({rank} > 4, '>4', {rank}::varchar)", "text"),
        "status_krs": (code(is_at_risk, 1, 2), "text"),
        "didampingi_tpk": (code("r.is_accompanied <> (t.fault = 'family_twice')", 1, 2), "text"),
        "longitude": ("106.0 + f.family % 4000 / 10000.0", 4),
        "latitude": ("-6.3 + f.family % 3000 / 10000.0", 4),
        "sasaran_prioritas_genting_1": (code(f"{is_at_risk} and {rank} = 1", 1, 2), "text"),
    }
    for header, flag in (
        ("terlalu_muda", "too_young"),
        ("terlalu_tua", "too_old"),
        ("terlalu_dekat", "too_close"),
        ("terlalu_banyak", "too_many"),
    ):
        cells[header] = (f"case when not r.has_couple then '3' when r.{flag} then '2' else '1' end", "text")
    source = (
        "from krs_keluarga as t inner join at_risk as r on t.round = r.round inner join family_code as k on r.family = k.family"
        " inner join family as f on r.family = f.family inner join desa as d on f.desa = d.desa"
        " left join (select family, name from person where is_father) as a on r.family = a.family"
        f" where t.quarter = {turn(is_first)} order by t.row"
    )
    return Listing(cells, source, fault="t.fault")


def catin(is_first: bool, extracted_on: datetime.date) -> Listing:
    """Couples with a wedding in a quarter."""

    def yes(condition: str) -> str:
        return f"if({condition}, 'Ya', 'Tidak')"

    def examined(value: str) -> str:
        return f"if(t.examined_on > 0, {value}, null)"

    cells: Cells = {
        "No": (ROW_NO, 0),
        "NIK Catin Perempuan": (masked("t.bride_nik", "t.is_nik_masked"), "text"),
        "Nama Catin Perempuan": ("upper(t.bride_name)", "text"),
        "Tgl Lahir Catin Perempuan": ("date '1970-01-01' + t.bride_born_on", "date"),
        "NIK Catin Laki-laki": (masked("t.groom_nik", "t.is_nik_masked"), "text"),
        "Nama Catin Laki-laki": ("upper(t.groom_name)", "text"),
        "Kecamatan": ("d.kecamatan_name", "text"),
        "Desa/Kelurahan": (DESA, "text"),
        "Tanggal Periksa": (examined("date '1970-01-01' + t.examined_on"), "date"),
        "Tanggal Pernikahan": ("date '1970-01-01' + t.wedding_on", "date"),
        "Tinggi": (examined("t.height_cm"), 1),
        "Berat": (examined("t.weight_kg"), 1),
        "IMT": (examined("t.weight_kg / (t.height_cm / 100) ** 2"), 1),
        "LiLA": (examined("if(t.fault = 'muac_in_mm', t.muac_cm * 10, t.muac_cm)"), 1),
        "Kadar Hb": (examined("if(t.fault = 'haemoglobin_times_ten', t.haemoglobin * 10, t.haemoglobin)"), 1),
        "Merokok": (yes("t.is_smoking"), "text"),
        "TTD": (yes("t.has_tablets"), "text"),
        "KIE": (yes("t.is_counselled"), "text"),
        "Rujukan": (yes(f"t.examined_on > 0 and t.muac_cm < {THIN_BELOW_CM}"), "text"),
        "Pendampingan": (yes("t.is_accompanied"), "text"),
    }
    source = (
        "from (select *, couple as row from couple) as t inner join desa as d on t.desa = d.desa"
        f" where t.is_listed and t.quarter = {turn(is_first)} order by t.row"
    )
    return Listing(cells, source, fault="t.fault")


def bkb_desa(is_first: bool, extracted_on: datetime.date) -> Listing:
    """Families in parenting classes per desa."""
    cells: Cells = {
        "Kecamatan": ("d.kecamatan_name", "text"),
        "Desa": (DESA, "text"),
        "Tahun": (str(extracted_on.year), 0),
        "Triwulan": (str(extracted_on.month // 3), 0),
        "Kelompok BKB": ("t.groups", 0),
        "Keluarga Sasaran BKB": ("t.target_families", 0),
        "Keluarga Hadir BKB": ("t.attending_families", 0),
    }
    return Listing(cells, per_desa("bkb_desa", is_first), fault="t.fault")
