"""Dinas Sosial: the social-economic register and the aid lists."""

import datetime

from include.synthetic.lists.cells import ADDRESS, Cells, Listing


def dtsen_keluarga(is_first: bool, extracted_on: datetime.date) -> Listing:
    """Families of the register at a date, 5 % are not in it. Text junk in deciles as domain 3.3."""
    decile = "f.decile_before" if is_first else "f.decile"
    cells: Cells = {
        "kode_provinsi": ("(select left(code, 2) from regency)", "text"),
        "kode_kabupaten_kota": ("(select replace(code, '.', '') from regency)", "text"),
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
    return Listing(cells, source)


def dtsen_anggota(is_first: bool, extracted_on: datetime.date) -> Listing:
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
    return Listing(cells, source, who="nullif(p.child, -1) as child, p.person, p.family")


def bansos(is_first: bool, extracted_on: datetime.date) -> Listing:
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
    return Listing(cells, source)
