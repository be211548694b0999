"""The words of the site and what they mean: term and explanation, Indonesian first."""

from typing import NamedTuple


class Term(NamedTuple):
    """One term: its name and what it means, in Indonesian and English."""

    indonesian: str
    english: str
    means: str
    means_in_english: str


STUNTING = (
    Term(
        "Stunting",
        "Stunting",
        "Tinggi badan anak jauh di bawah anak seusianya: nilai TB/U di bawah −2 simpangan baku menurut standar WHO.",
        "A child much shorter than children of its age: height-for-age below −2 standard deviations of WHO's standard.",
    ),
    Term(
        "TB/U, BB/U, BB/TB",
        "haz, waz, whz",
        "Tinggi menurut umur, berat menurut umur, berat menurut tinggi, dalam simpangan baku; Tegak menghitungnya sendiri "
        "menurut umur dalam hari.",
        "Height for age, weight for age, weight for height, in standard deviations; Tegak works them out itself, by age in days.",
    ),
    Term(
        "Nilai ditandai",
        "Flagged score",
        "Nilai yang tidak mungkin pada anak hidup menurut WHO; tidak dihitung sebagai stunting maupun tidak stunting.",
        "A score that WHO holds impossible in a living child; counted neither as stunted nor as not stunted.",
    ),
    Term(
        "Balita, baduta",
        "Under-five, under-two",
        "Anak 0–59 bulan; anak 0–23 bulan.",
        "A child of 0–59 months; a child of 0–23 months.",
    ),
    Term(
        "1000 HPK",
        "First thousand days",
        "Seribu hari pertama kehidupan: sejak hamil sampai anak berumur dua tahun.",
        "From pregnancy until the child's second birthday.",
    ),
    Term(
        "Sasaran",
        "Due",
        "Anak 0–59 bulan yang terdaftar di wilayah itu pada akhir bulan, ditimbang atau tidak.",
        "Children of 0–59 months registered in the area at the month's end, weighed or not.",
    ),
    Term(
        "Diukur",
        "Measured",
        "Sasaran dengan sekurang-kurangnya satu penimbangan atau pengukuran yang sah pada bulan itu.",
        "Children due with at least one valid weighing or measuring in the month.",
    ),
    Term(
        "Cakupan (D/S)",
        "Coverage",
        "Diukur dari sasaran. Prevalensi dengan cakupan rendah tidak menggambarkan anak yang tidak datang.",
        "Measured of due. A prevalence of low coverage knows nothing of the children who did not come.",
    ),
    Term(
        "Prevalensi menurut register",
        "Prevalence by the register",
        "Anak stunting dari anak dengan tinggi badan sah, menurut pencatatan posyandu (e-PPGBM).",
        "Stunted children of those with a valid height, by what the posyandu record (e-PPGBM).",
    ),
    Term(
        "Prevalensi menurut survei",
        "Prevalence by survey",
        "Perkiraan SSGI atau SKI dari contoh anak; ukuran resmi untuk target. Tidak pernah dicampur dengan register.",
        "The estimate of SSGI or SKI from a sample of children; the official measure for targets. Never blended with the register.",
    ),
    Term(
        "Selang 95 %",
        "95 % interval",
        "Batas kebetulan: desa kecil berayun karena sedikit anaknya, bukan karena keadaannya berubah.",
        "The bounds of chance: a small desa swings because it has few children, not because anything changed.",
    ),
    Term(
        "Taksiran",
        "Estimate",
        "Prevalensi desa yang ditarik ke arah kecamatannya, makin sedikit anaknya makin kuat; mart area_estimates.",
        "A desa's prevalence drawn towards its kecamatan, the more so the fewer children it has; mart area_estimates.",
    ),
    Term(
        "Posyandu, puskesmas",
        "Posyandu, puskesmas",
        "Pos pelayanan terpadu tempat anak ditimbang; pusat kesehatan masyarakat yang membinanya.",
        "The monthly post where children are weighed; the health centre in charge of it.",
    ),
    Term(
        "Desa, kecamatan, kabupaten",
        "Village, district, regency",
        "Wilayah administrasi; kodenya menurut Kemendagri dan selalu berupa teks.",
        "Administrative areas; their codes are the home ministry's and always text.",
    ),
    Term(
        "OPD",
        "Agency",
        "Organisasi perangkat daerah: dinas atau badan kabupaten yang mengirim data dan bertindak.",
        "A regency's office that delivers data and acts.",
    ),
    Term(
        "KRS",
        "Family at risk of stunting",
        "Keluarga berisiko stunting menurut verifikasi dan validasi BKKBN; bukan ukuran stunting dan bukan bagian skor.",
        "As verified by BKKBN; no measure of stunting and no part of the score.",
    ),
    Term(
        "Konvergensi",
        "Convergence",
        "Rumah tangga 1000 HPK yang menerima semua layanan yang menjadi haknya. Yang tidak diketahui bukan tidak menerima, "
        "maka angkanya antara rendah dan tinggi.",
        "Households of the first thousand days that received every service due to them. Unknown is not missing, so the figure "
        "lies between low and high.",
    ),
    Term(
        "Skor risiko",
        "Risk score",
        "Poin dari faktor yang diketahui sebelum anak diukur. Skor tidak pernah melihat tinggi badan.",
        "Points of factors known before a child is measured. The score never sees a height.",
    ),
    Term(
        "Temukan, rujuk, cegah",
        "Find, refer, prevent",
        "Tiga alasan kunjungan: anak yang belum pernah diukur, anak yang perlu ke puskesmas, anak berisiko yang belum stunting.",
        "Three reasons for a visit: a child never measured, one that needs the health centre, one at risk and not stunted yet.",
    ),
)

DATA = (
    Term(
        "Disembunyikan (•)",
        "Suppressed (•)",
        "Angka 1 sampai 4 orang, atau angka yang akan membukanya. Angkanya ada, tetapi tidak diterbitkan.",
        "A count of 1 to 4 persons, or one that would reveal it. It exists and is not published.",
    ),
    Term(
        "Tidak diketahui (–)",
        "Unknown (–)",
        "Tidak seorang pun mencatatnya. Bukan nol.",
        "Nobody recorded it. It is not zero.",
    ),
    Term(
        "Zona satuan tugas, zona publik",
        "Task force zone, public zone",
        "Rilis punya dua bagian: angka persis bagi satuan tugas, angka yang disamarkan dan dibulatkan bagi umum.",
        "A release has two parts: exact counts for the task force, protected and rounded ones for all.",
    ),
    Term(
        "Rilis",
        "Release",
        "Semua tabel satu malam, tidak pernah diubah sesudahnya; namanya saat terbitnya, UTC.",
        "All tables of one night, never changed afterwards; its name is the moment it was published, UTC.",
    ),
    Term(
        "Kiriman, periode",
        "Delivery, period",
        "Satu berkas dari OPD, untuk satu bulan, triwulan, atau tahun.",
        "One file of an agency, for a month, a quarter or a year.",
    ),
    Term(
        "Kontrak",
        "Contract",
        "Kolom, judul, jenis, dan aturan satu kumpulan data, disepakati dengan OPD yang mengirim.",
        "Columns, headers, types and rules of a dataset, agreed with the agency that delivers it.",
    ),
    Term(
        "Dikarantina",
        "Quarantined",
        "Baris yang melanggar aturan: tidak dipakai, dan kembali kepada OPD dengan alasannya.",
        "A row that breaks a rule: it is not used, and goes back to its agency with the reason.",
    ),
    Term(
        "Ganda, diganti",
        "Duplicate, superseded",
        "Baris yang sama dengan yang sudah ada; baris yang digantikan kiriman kemudian.",
        "A row equal to one that is there; a row that a later delivery replaced.",
    ),
    Term(
        "Ditolak, ditahan",
        "Refused, held",
        "Berkas yang tidak dapat dibaca dengan pasti; berkas yang terlalu banyak salahnya dan menunggu perbaikan.",
        "A file that cannot be read with certainty; one with too many faults, waiting for its correction.",
    ),
    Term(
        "Mart",
        "Mart",
        "Tabel yang diterbitkan; setiap baris dan kolomnya dijelaskan dalam kamus data.",
        "A published table; its rows and columns are described in the dictionary.",
    ),
    Term(
        "Samaran",
        "Pseudonym",
        "Pengganti nama yang tetap sama tiap malam dan tidak dapat dibalik tanpa kunci.",
        "What stands for a name: the same each night, and not to be undone without a key.",
    ),
    Term(
        "Tautan",
        "Link",
        "Keputusan bahwa dua catatan adalah anak yang sama, dengan poin dan aturannya.",
        "The decision that two records are of one child, with its points and rule.",
    ),
    Term(
        "Presisi, sensitivitas",
        "Precision, recall",
        "Dari tautan yang dibuat, berapa yang benar; dari yang seharusnya ada, berapa yang ditemukan.",
        "Of the links made, how many are right; of those that should be there, how many were found.",
    ),
    Term(
        "Tingkat angka bulat",
        "Digit preference",
        "Kecenderungan membulatkan tinggi atau berat; menggeser prevalensi.",
        "The habit of rounding heights or weights; it moves the prevalence.",
    ),
    Term(
        "Terverifikasi",
        "Verified",
        "Seseorang telah membaca sumber hukumnya. Yang belum selalu disebut.",
        "Somebody has read the legal source. What nobody has read is said to be so.",
    ),
    Term(
        "Silsilah",
        "Lineage",
        "Dari mana sebuah angka berasal: berkas, baris, dan model yang dilaluinya.",
        "Where a number comes from: files, rows, and the models on the way.",
    ),
)
