"""Facts about the region seeds that hold whatever program reads them.

Sources: Kepmendagri 300.2.2-2138/2025 (326 desa, 29 kecamatan), the regency's report of 31 puskesmas.
"""

import csv
import re
from collections import Counter
from pathlib import Path

REGIONS = Path(__file__).parents[1] / "dbt_project" / "regencies" / "36.04"


def rows(name: str) -> list[dict[str, str]]:
    with (REGIONS / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def letters(name: str) -> str:
    return re.sub("[^A-Z]", "", name.upper())


KECAMATAN = {row["kecamatan_code"]: row for row in rows("ref_kecamatan")}
DESA = {row["desa_code"]: row for row in rows("ref_desa")}
ALIASES = rows("ref_desa_aliases")
PUSKESMAS = {row["puskesmas_code"]: row for row in rows("ref_puskesmas")}
SERVED_BY = {row["desa_code"]: row for row in rows("ref_puskesmas_desa")}


def desa_in(kecamatan_name: str) -> dict[str, dict[str, str]]:
    """Desa of one kecamatan by name."""
    (code,) = [c for c, row in KECAMATAN.items() if row["kecamatan_name"] == kecamatan_name]
    return {row["desa_name"]: row for row in DESA.values() if row["kecamatan_code"] == code}


def test_counts_of_the_decree() -> None:
    # also as rows: a dict would hide a code that occurs twice
    assert len(rows("ref_desa")) == len(DESA) == 326
    assert len(rows("ref_kecamatan")) == len(KECAMATAN) == 29
    assert len(rows("ref_puskesmas")) == len(PUSKESMAS) == 31


def test_every_code_begins_with_the_kabupatens() -> None:
    [kabupaten] = rows("ref_kabupaten")
    assert all(code.startswith(kabupaten["kabupaten_code"] + ".") for code in [*KECAMATAN, *DESA])


def test_desa_per_kecamatan() -> None:
    counts = Counter(row["kecamatan_code"] for row in DESA.values())
    assert counts.keys() == KECAMATAN.keys()
    assert min(counts.values()) == 7  # Binuang and Gunungsari
    assert counts["36.04.23"] == max(counts.values()) == 17  # Cikeusal


def test_codes_have_their_form() -> None:
    for code, row in DESA.items():
        # 2xxx is a desa; a kelurahan would be 1xxx, and there is none here
        assert re.fullmatch(r"36\.04\.\d\d\.2\d{3}", code)
        assert code.startswith(row["kecamatan_code"] + ".")
        assert row["kecamatan_code"] in KECAMATAN
        assert row["bps_code"] == "" or re.fullmatch(r"3604\d{6}", row["bps_code"])


def test_codes_given_to_kota_serang_are_not_used() -> None:
    gone = {"36.04.01", "36.04.02", "36.04.03", "36.04.04", "36.04.10", "36.04.21"}
    assert not gone & KECAMATAN.keys()


def test_a_name_is_a_key_only_inside_its_kecamatan() -> None:
    inside = Counter((row["kecamatan_code"], letters(row["desa_name"])) for row in DESA.values())
    assert max(inside.values()) == 1
    anywhere = Counter(letters(row["desa_name"]) for row in DESA.values())
    shared = {name: n for name, n in anywhere.items() if n > 1}
    assert len(shared) == 16
    assert shared["MEKARSARI"] == 3


def test_desa_ciomas_lies_in_padarincang() -> None:
    assert "Ciomas" in desa_in("Padarincang")
    assert "Ciomas" not in desa_in("Ciomas")


def test_bps_village_code_carries_its_own_kecamatan() -> None:
    known = [row for row in DESA.values() if row["bps_code"]]
    assert len({row["bps_code"] for row in known}) == len(known) == 315
    for row in known:
        kecamatan = KECAMATAN[row["kecamatan_code"]]
        assert row["bps_code"][:7] == kecamatan["bps_code"], row["desa_name"]


def test_bps_and_kemendagri_codes_do_not_meet_by_number() -> None:
    by_bps = {row["bps_code"]: row["kecamatan_name"] for row in KECAMATAN.values()}
    assert by_bps["3604010"] == "Cinangka"
    assert KECAMATAN["36.04.31"]["kecamatan_name"] == "Cinangka"
    for code, row in KECAMATAN.items():
        assert row["bps_code"][:6] != code.replace(".", ""), row["kecamatan_name"]
    stripped = {code.replace(".", "") for code in DESA}
    assert not stripped & {row["bps_code"] for row in DESA.values()}


def test_bps_codes_known_by_hand() -> None:
    # read in the BPS list: one exact name, one found only by its spelling
    assert desa_in("Cinangka")["Umbul Tanjung"]["bps_code"] == "3604010001"
    assert desa_in("Carenang")["Ragas Masigit"]["bps_code"] == "3604260015"
    # the list has a Tunjung Jaya in its place: likely the same village, not certain
    assert desa_in("Tunjung Teja")["Tunjung Teja"]["bps_code"] == ""


def test_aliases_point_to_a_desa_of_their_kecamatan() -> None:
    for row in ALIASES:
        desa = DESA[row["desa_code"]]
        assert desa["kecamatan_code"] == row["kecamatan_code"], row["alias"]


def test_an_alias_is_never_the_name_of_a_desa_beside_it() -> None:
    names = {(row["kecamatan_code"], letters(row["desa_name"])) for row in DESA.values()}
    aliases = [(row["kecamatan_code"], letters(row["alias"])) for row in ALIASES]
    assert not names & set(aliases)
    assert len(aliases) == len(set(aliases))


def test_spellings_seen_in_the_field_are_known() -> None:
    seen = {
        ("Pulo Ampel", "Gedung Soka"): "Kedungsoka",
        ("Tirtayasa", "Kamanisan"): "Kemanisan",
        ("Petir", "Cirendeu"): "Cireundeu",
        ("Tunjung Teja", "Tanjung Teja"): "Tunjung Teja",
        ("Ciomas", "Pondok Kaharu"): "Pondok Kahuru",
        ("Padarincang", "Kelumpang"): "Kalumpang",
        ("Bandung", "Penamping"): "Panamping",
    }
    known = {(row["kecamatan_code"], row["alias"]): row["desa_code"] for row in ALIASES}
    for (kecamatan, alias), desa_name in seen.items():
        desa = desa_in(kecamatan)[desa_name]
        assert known[desa["kecamatan_code"], alias] == desa["desa_code"]


def test_every_desa_has_one_puskesmas_in_its_own_kecamatan() -> None:
    assert len(rows("ref_puskesmas_desa")) == 326
    assert SERVED_BY.keys() == DESA.keys()
    for code, row in SERVED_BY.items():
        puskesmas = PUSKESMAS[row["puskesmas_code"]]
        assert puskesmas["kecamatan_code"] == DESA[code]["kecamatan_code"], code
    assert {row["puskesmas_code"] for row in SERVED_BY.values()} == PUSKESMAS.keys()


def test_only_kopo_and_kragilan_have_two_puskesmas() -> None:
    by_kecamatan = Counter(KECAMATAN[row["kecamatan_code"]]["kecamatan_name"] for row in PUSKESMAS.values())
    assert {name for name, n in by_kecamatan.items() if n == 2} == {"Kopo", "Kragilan"}
    names = {row["puskesmas_name"]: code for code, row in PUSKESMAS.items()}
    nyompok, pematang = desa_in("Kopo")["Nyompok"], desa_in("Kragilan")["Pematang"]
    assert SERVED_BY[nyompok["desa_code"]]["puskesmas_code"] == names["Nyompok"]
    assert SERVED_BY[pematang["desa_code"]]["puskesmas_code"] == names["Pematang"]


def test_an_assumed_puskesmas_is_not_called_verified() -> None:
    for row in SERVED_BY.values():
        assert (row["is_verified"] == "false") == row["note"].startswith("assumed")
