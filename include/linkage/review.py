"""Writes the pairs that only a person can decide as a workbook for the registrar: `data/linkage/tinjauan.xlsx`.

It comes back as an ordinary delivery of disdukcapil/keputusan_tautan: the sheet has that contract's headers.
"""

from datetime import date

import duckdb

from include.book import GUIDE
from include.linkage.pair_book import FIELD_WIDTHS, FIELDS_WANTED, SIDES, fetch, folder, write_pair_book

FILE, SHEET = "tinjauan.xlsx", "Tinjauan"
DECISIONS = ("sama", "beda", "belum")
MOST_PAIRS = 5_000  # more than an office judges in a month; the rest moves up as these are decided
COLUMNS = {
    "No": 6,
    "Keputusan": 12,
    "Diputuskan Oleh": 20,
    "Tanggal Keputusan": 14,
    "Catatan": 24,
    "Skor": 7,
    "Alasan": 40,
    "OPD A": 12,
    "OPD B": 12,
    **FIELD_WIDTHS,
    "Rincian Skor": 60,
    "Kunci A": 14,
    "Kunci B": 14,
}
TO_FILL = {"Keputusan": DECISIONS, "Diputuskan Oleh": None, "Tanggal Keputusan": date, "Catatan": None}

_QUERY = f"""
with sides as ({SIDES})
select row_number() over (order by points desc, agency_a, identity_a, agency_b, identity_b) as "No",
    points as "Skor", reason as "Alasan", waterfall as "Rincian Skor",
    agency_a as "OPD A", identity_a as "Kunci A", agency_b as "OPD B", identity_b as "Kunci B",
    {FIELDS_WANTED}
from intermediate.int_linkage_reviews as reviews
left join sides as a on reviews.agency_a = a.agency and reviews.identity_a = a.identity_key
left join sides as b on reviews.agency_b = b.agency and reviews.identity_b = b.identity_key
order by "No"
limit {MOST_PAIRS}
"""


def write_review(con: duckdb.DuckDBPyConnection) -> int:
    """Write the workbook, highest score first, and return its number of pairs; without a pair the old one goes."""
    path = folder() / FILE
    rows = fetch(con, _QUERY)
    if rows:
        [(waiting,)] = con.execute("select count(*) from intermediate.int_linkage_reviews").fetchall()
        write_pair_book(path, _guide(len(rows), waiting), SHEET, COLUMNS, rows, TO_FILL)
    else:
        path.unlink(missing_ok=True)
    return len(rows)


def _guide(shown: int, waiting: int) -> list[str]:
    return [
        "Tinjauan pasangan data anak",
        (
            f"Lembar {SHEET} berisi {shown} dari {waiting} pasangan yang belum dapat diputuskan komputer. "
            "Setiap baris memuat dua catatan, A dan B. Pertanyaannya satu: apakah A dan B anak yang sama?"
        ),
        "",
        "Cara menilai",
        "1. Salin berkas ini ke map Anda dan bekerja di salinan itu: berkas asli ditulis ulang setiap malam.",
        (
            "2. Bandingkan sisi A dan sisi B. Sel berwarna jingga berbeda antara A dan B. Sel kosong berarti tidak diketahui, "
            "bukan berbeda."
        ),
        (
            "3. Periksa anaknya di SIAK: NIK, kartu keluarga, nama orang tua. Skor hanya urutan kerja, bukan bukti: "
            "makin tinggi makin mungkin sama."
        ),
        (
            "4. Pilih di kolom Keputusan: sama = anak yang sama; beda = dua anak; belum = sudah diperiksa, belum dapat "
            "diputuskan (juga menarik keputusan lama). Kosong = belum dinilai. Keduanya muncul lagi."
        ),
        (
            "5. Kembar adalah dua anak: tanggal lahir dan orang tua sama, tetapi nama atau NIK berbeda. "
            "Pilih beda, kecuali kartu keluarga membuktikan hanya ada satu anak."
        ),
        "6. NIK yang sama belum tentu anak yang sama: NIK dapat salah tulis atau dipinjam dari kakak atau orang tua.",
        "7. Bila ragu pilih belum. Dua anak yang digabung keliru lebih merugikan daripada pasangan yang menunggu.",
        "8. Isi Diputuskan Oleh (nama atau NIP) dan Tanggal Keputusan untuk setiap baris yang dinilai; Catatan bila perlu.",
        "",
        "Mengembalikan berkas",
        (
            "Simpan sebagai .xlsx, dengan sandi yang sama atau tanpa sandi, lalu taruh di "
            "landing/disdukcapil/keputusan_tautan/<YYYY-MM>/, "
            "map bulan keputusan, misalnya 2026-10. Dibaca malam itu juga."
        ),
        (
            "Jangan ubah nama kolom, OPD A, Kunci A, OPD B, Kunci B, dan nama lembar. Baris boleh diurutkan, disaring, "
            "dihapus; pasangan tanpa keputusan akan muncul lagi."
        ),
        "Keputusan yang keliru dibetulkan dengan mengirim baris yang sama dengan keputusan dan tanggal baru; yang terbaru berlaku.",
        "",
        (
            "Berkas ini memuat data pribadi anak. Jangan dikirim lewat grup percakapan atau surel pribadi; "
            f"hapus salinannya setelah dikembalikan. Lembar {GUIDE} tidak dibaca mesin."
        ),
    ]
