"""A contract is read strictly: what is not understood is an error that names file, table and column."""

import re
from pathlib import Path

import duckdb
import pytest

from include import standing, warehouse
from include.contract import Dataset, Persons
from include.contract_reader import ContractError, find_dataset, read_agencies
from include.gate import judge_without_gx
from include.headers import map_header
from tests.conftest import CONTRACTS, Desk

CONTRACT = (CONTRACTS / "uji" / "_uji__sources.yml").read_text(encoding="utf-8")
NAMA = "description: A name."
NAMA_META = "config: {meta: {headers: [Nama, Nama Anak]"
RANGE = "- in_range: {arguments: {min: 0.9, max: 58}}"

# what is written wrong, what the message says besides the file's name
FAULTS = {
    "unknown key of a source": ("    description: An agency", "    loader: ftp\n    description: An agency", "loader"),
    "unknown key of a table": ("period: month\n            key: [nik", "periods: 1\n            period: month\n            key: [nik", "table timbang.*periods"),
    "unknown key of a column": (NAMA, f"{NAMA}\n            tests: []", "table timbang, column nama.*tests"),
    "unknown key in meta": (NAMA_META, NAMA_META.replace("headers", "optionl: true, headers"), "table timbang, column nama.*optionl"),
    "unknown key of a test": (RANGE, RANGE[:-1] + ", where: baris > 1}", "table kotor, column berat, in_range.*where"),
    "unknown argument": (RANGE, "- in_range: {arguments: {min: 1, maks: 58}}", "table kotor, column berat, in_range.*max"),
    "argument left out": (RANGE, "- in_range: {arguments: {min: 1}}", "table kotor, column berat, in_range.*max"),
    "unknown type": ("data_type: integer\n            description: A count", "data_type: money\n            description: A count", "table timbang, column jumlah, data_type.*money"),
    "unknown word": (RANGE, "- between: {arguments: {min: 1, max: 58}}", "table kotor, column berat, data_tests.*between"),
    "bounds turned round": (RANGE, "- in_range: {arguments: {min: 58, max: 1}}", "in_range.*min 58 is above max 1"),
    "bound that is no number": (RANGE, "- in_range: {arguments: {min: nol, max: 58}}", "in_range.*must be a number, not 'nol'"),
    "word on a wrong type": (RANGE, "- not_in_future", "not_in_future: does not fit a double"),
    "seed that is none": ("ref('ref_desa')", "ref('ref_dessa')", "relationships.*names no seed"),
    "field that is none": ("field: desa_code", "field: desa_kode", "relationships.*desa_kode.*desa_name"),
    "per cent for a share": ("bad_share: 0.9", "bad_share: 9", "table kotor, tolerance, bad_share.*between 0 and 1"),
    "schedule that is none": ('schedule: "0 19 * * *"', 'schedule: "25 99 * * *"', "source uji, schedule.*no cron"),
    "unknown severity": (RANGE, RANGE[:-1] + ", config: {severity: warning}}", "table kotor, column berat, in_range.*warning"),
    "unknown period": ("period: month\n            key: [nik", "period: weekly\n            key: [nik", "table timbang, period.*weekly"),
    "unknown pii": ("link: name, pii: direct", "link: name, pii: secret", "table timbang, column nama, pii.*secret"),
    "a header of two columns": ("[Nama, Nama Anak]", "[Nama, NIK]", "table timbang.*nik"),
    "a header written in two ways": ("[Nama, Nama Anak]", "[Nama, n-a-m-a]", "table timbang.*nama"),
    "a header both read and ignored": ('ignore: ["No", Bulan *]', 'ignore: ["No", JUMLAH]', "table timbang.*jumlah"),
    "a column twice": ("- name: jumlah", "- name: berat", "table timbang.*berat"),
    "a key of no column": ("key: [nik, nama]", "key: [nik, name]", "table timbang, key.*name"),
    "an empty key": ("key: [nik, nama]", "key: []", "table timbang, key"),
    "no description": (f"            {NAMA}\n", "", "table timbang, column nama.*description"),
    "an empty description": (NAMA, "description:", "table timbang, column nama, description"),
    "no type": ("            data_type: double\n            description: A number that", "            description: A number that", "table timbang, column berat.*data_type"),
    "one header without brackets": ("headers: [Jumlah]", "headers: Jumlah", "table timbang, column jumlah, headers"),
    "a header that YAML reads as no": ("headers: [Jumlah]", "headers: [No]", "table timbang, column jumlah, headers.*quotes"),
    "a number among accepted texts": ("values: [L, P]", "values: [1, P]", "table kotor, column kelamin.*quotes"),
    "a missing text without brackets": ('headers: [Jumlah], missing: ["-"]', 'headers: [Jumlah], missing: "-"', "table timbang, column jumlah, missing"),
    "two words in one entry": ("              - unique\n", "              - unique: {}\n                not_in_future: {}\n", "table kotor, column kode.*dash"),
    "an impossible value that may be true": ("data_tests: [not_in_future]", "data_tests: [{not_in_future: {config: {meta: {may_be_true: true}}}}]", "not_in_future, may_be_true: stands at in_range alone"),
    "a text for may_be_true": (RANGE, RANGE[:-1] + ", config: {meta: {may_be_true: 'yes'}}}", "in_range, may_be_true: must be true or false, not 'yes'"),
    "one word twice": (RANGE, f"{RANGE}\n              {RANGE.replace('58', '60')}", "table kotor, column berat.*in_range"),
    "a list of tests twice": ("data_tests: [not_in_future]", "data_tests: [not_in_future]\n            data_tests: [not_null]", "data_tests.*twice"),
    "a name that SQL cannot take": ("- name: jumlah", "- name: Jumlah Anak", "column Jumlah Anak"),
    "meta left empty": ("            config: {meta: {headers: [Jumlah]", "            config: {meta: }\n            other: {a: {b: [Jumlah]", "table timbang, column jumlah"),
    "a table twice": ("- name: kotor", "- name: timbang", "source uji, tables.*timbang"),
    "freshness without a word": ("freshness: {warn_after: {count: 40, period: day}}\n          meta:\n            period: month\n            key: [nik", "freshness: {}\n          meta:\n            period: month\n            key: [nik", "table timbang, freshness.*warn_after"),
    "unknown role": ("link: name", "link: nama", "table timbang, column nama, link: unknown word nama; nearest: name"),
    "a role left empty": ("link: name", "link: null", "table timbang, column nama, link.*text"),
    "two roles on one column": ("link: name", "link: [name, parent]", "table timbang, column nama, link.*text"),
    "a role on a wrong type": ("link: born_on", "link: sex", "table timbang, column lahir, link: sex must be a varchar, not a date"),
    "a role twice": ("headers: [Catatan], optional: true", "headers: [Catatan], optional: true, link: name", "table timbang, link: name.*several columns"),
    "desa without kecamatan": ("headers: [Catatan], optional: true", "headers: [Catatan], optional: true, link: desa", "table timbang, link: desa without kecamatan"),
    "no role at all": ("link: identity, ", "", "table kotor, link: nothing of it can be joined.*no_kk"),
    "only the agency": ("link: identity", "link: agency", "table kotor, link: nothing of it can be joined"),
    "only a role that joins nothing": ("link: identity", "link: parent", "table kotor, link: nothing of it can be joined"),
    "persons of a feed without sex": ("key: [nik, nama]", "key: [nik, nama]\n            persons: {authority: 1, one_row_each: true}", "table timbang, persons: no column has link: sex"),
    "accepted values without a value": ("values: [L, P]", "values: []", "accepted_values, values: must be a list"),
    "a key of replaces that is unknown": ("key: [nik, nama]", "key: [nik, nama]\n            replaces: {scope: period, reason: tarik ulang, when: now}", "table timbang.*replaces: when is unknown, known: reason, scope"),
    "no YAML at all": ("version: 2", "version: [2", r"line 3: .*'sources:'"),
    "a tab": ("    description: An agency", "\tdescription: An agency", r"line 5: .*tab"),
    "a date that no calendar has": ('"tests send few rows"', "2026-13-01", "month must be"),
    "another version": ("version: 2", "version: 3", "version: must be 2"),
    "a text for optional": ("optional: true", "optional: tidak", "table timbang, column catatan, optional: must be true or false, not 'tidak'"),
    "a quoted no": ("optional: true", 'optional: "no"', "table timbang, column catatan, optional: must be true or false, not 'no'"),
    "a key mistyped": ('tolerance: {bad_share: 0.5', 'tolerence: {bad_share: 0.5', "table timbang, meta: tolerance is missing; tolerence is unknown, nearest: tolerance"),
    "a word mistyped": ("- unique", "- unik", "data_tests: unknown word unik; nearest: unique"),
    "tests that are no list": ("data_tests: [not_in_future]", "data_tests: not_in_future", "column lahir, data_tests: must be a list"),
    "a count in words": ("count: 40, period: day}}\n          meta:\n            period: month\n            key: [nik", "count: satu, period: day}}\n          meta:\n            period: month\n            key: [nik", "table timbang, freshness, warn_after, count: must be a whole number"),
    "a pattern that is none": ("[0-9]{1,3}$", "[0-9{1,3}$", "column kode, matches, pattern: .*no regular expression"),
    "a pattern that DuckDB does not know": ("^[A-Z]{2}", "^(?=A)[A-Z]{2}", r"matches, pattern: .*\(\?=A, which DuckDB does not know"),
    "a column called by a word of SQL": ("- name: jumlah", "- name: order", "column order, name: order is a word of SQL"),
    "a field that says nothing of when": ("loaded_at_field: _received_at\n          freshness: {warn_after: {count: 40, period: day}}\n          meta:\n            period: month\n            key: [baris]", "loaded_at_field: tanggal\n          freshness: {warn_after: {count: 40, period: day}}\n          meta:\n            period: month\n            key: [baris]", "table kotor, loaded_at_field: must be _received_at"),
    "another agency's name": ("name: uji", "name: vuji", "source vuji, name: must be uji"),
    "a bound without end": (RANGE, "- in_range: {arguments: {min: 1, max: .inf}}", "in_range, max: must be a number, not inf"),
    "a header told with both columns": ("[Jumlah]", '["BERAT kg"]', r"headers: 'BERAT kg' of column jumlah is read like 'Berat \(kg\)' of column berat"),
}  # fmt: skip


def write(folder: Path, text: str, agency: str = "uji") -> Path:
    path = folder / agency / f"_{agency}__sources.yml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return folder


# of words that look at a second column or at the lists of places
BESIDE = (CONTRACTS / "lapor" / "_lapor__sources.yml").read_text(encoding="utf-8")
KNOWN = "known_desa: {arguments: {kecamatan: kecamatan_name}}"
ABOVE = "not_above: {arguments: {column: families}}"
ONCE = "columns: [kecamatan_name, desa_name, year, quarter_no]"
FAULTS_BESIDE = {
    "a kecamatan that is no column": (KNOWN, KNOWN.replace("kecamatan_name", "kecamatan"), "column desa_name, known_desa, kecamatan: unknown word kecamatan; nearest: kecamatan_name"),
    "a kecamatan that is no text": (KNOWN, KNOWN.replace("kecamatan_name", "year"), "column desa_name, known_desa, kecamatan: year is a integer, not varchar"),
    "a desa that is its own kecamatan": (KNOWN, KNOWN.replace("kecamatan_name", "desa_name"), "known_desa, kecamatan: unknown word desa_name"),
    "a known desa without kecamatan": (KNOWN, "known_desa", "column desa_name, known_desa, arguments: kecamatan is missing"),
    "a denominator that is no column": (ABOVE, ABOVE.replace("families", "family"), "column reached_families, not_above, column: unknown word family"),
    "a denominator that is no number": (ABOVE, ABOVE.replace("families", "desa_name"), "not_above, column: desa_name is a varchar, not bigint, double, integer"),
    "a numerator that is its own denominator": (ABOVE, ABOVE.replace("families", "reached_families"), "not_above, column: unknown word reached_families"),
    "a denominator in a list": (ABOVE, ABOVE.replace("families", "[families]"), "not_above, column: must be a text"),
    "a numerator that is no number": ("- known_desa:", "- not_above: {arguments: {column: families}}\n              - known_desa:", "column desa_name, not_above: does not fit a varchar"),
    "once per a column that is none": (ONCE, ONCE.replace("year", "tahun"), "column quarter_no, once_per, columns: unknown word tahun"),
    "once per nothing": (ONCE, "columns: []", "once_per, columns: must be a list"),
    "once per one column twice": (ONCE, ONCE.replace("year", "desa_name"), "once_per, columns: desa_name stands there twice"),
    "a place that is a number": ("data_type: integer\n            description: Year.\n            config: {meta: {headers: [Tahun], pii: none}}", "data_type: integer\n            description: Year.\n            config: {meta: {headers: [Tahun], pii: none}}\n            data_tests: [known_kecamatan]", "column year, known_kecamatan: does not fit a integer"),
    "arguments where there are none": ("[known_desa_code]", "[known_desa_code: {arguments: {field: bps_code}}]", "column desa_code, known_desa_code, arguments: field is unknown, leave it out"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "says"), FAULTS_BESIDE.values(), ids=FAULTS_BESIDE)
def test_a_rule_that_names_no_fitting_column_is_an_error(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert BESIDE.count(old) == 1
    folder = write(tmp_path, BESIDE.replace(old, new), agency="lapor")
    with pytest.raises(ContractError, match=re.compile(rf"_lapor__sources\.yml, table capaian, .*{says}", re.DOTALL)):
        read_agencies(folder)


@pytest.mark.parametrize(("old", "new", "says"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_an_error_that_names_its_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert CONTRACT.count(old) == 1
    folder = write(tmp_path, CONTRACT.replace(old, new))
    with pytest.raises(ContractError, match=re.compile(rf"_uji__sources\.yml.*{says}", re.DOTALL)):
        read_agencies(folder)


def test_the_contract_without_fault_is_read(tmp_path: Path) -> None:
    [agency] = read_agencies(write(tmp_path, CONTRACT))
    assert agency.name == "uji"
    assert [dataset.name for dataset in agency.datasets] == ["timbang", "kotor"]
    berat = next(column for column in agency.datasets[0].columns if column.name == "berat")
    assert (berat.data_type, berat.headers, berat.missing) == ("double", ("Berat (kg)",), ("-", "0"))


def test_an_unknown_dataset_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(ContractError, match="uji/tinggi.*uji/timbang, uji/kotor"):
        find_dataset("uji", "tinggi", CONTRACTS)


@pytest.mark.parametrize("name", ["_uji_sources.yml", "_uji__sources.yaml"])
def test_a_contract_passed_over_for_its_name_is_told_where_it_is_missed(tmp_path: Path, name: str) -> None:
    (write(tmp_path, CONTRACT) / "uji" / "_uji__sources.yml").rename(tmp_path / "uji" / name)
    (tmp_path / "uji" / "_uji__models.yml").touch()
    with pytest.raises(ContractError, match=rf"uji/timbang.*Not read, .*_<opd>__sources\.yml: uji/{name}\.$"):
        find_dataset("uji", "timbang", tmp_path)


SEXED = CONTRACT.replace("headers: [Catatan], optional: true", "headers: [Catatan], optional: true, link: sex")
WORTH = "persons: {authority: 1, one_row_each: true}"
PERSONS = SEXED.replace("key: [nik, nama]", f"key: [nik, nama]\n            {WORTH}")

# what stands in the place of WORTH, what the message says
WORTHLESS = {
    "nothing": ("", r"persons is missing.*name, born_on, sex.*write persons: {authority"),
    "one of two": ("persons: {authority: 1}", "persons: one_row_each is missing"),
    "unknown key": (WORTH[:-1] + ", trust: 1}", "persons: trust is unknown, known: authority, one_row_each"),
    "null": ("persons:", "persons: must have the keys authority, one_row_each"),
    "authority 0": (WORTH.replace("1", "0"), "persons, authority: must be a whole number from 1, not 0"),
    "half an authority": (WORTH.replace("1", "1.5"), "persons, authority: .*1.5"),
    "a true authority": (WORTH.replace("1", "true"), "persons, authority: .*True"),
    "a text for true": (WORTH.replace("true", "'yes'"), "persons, one_row_each: must be true or false, not 'yes'"),
}


@pytest.mark.parametrize(("worth", "says"), WORTHLESS.values(), ids=WORTHLESS)
def test_a_feed_of_persons_says_what_it_is_worth(tmp_path: Path, worth: str, says: str) -> None:
    folder = write(tmp_path, PERSONS.replace(WORTH, worth))
    with pytest.raises(ContractError, match=re.compile(rf"_uji__sources\.yml, table timbang, {says}", re.DOTALL)):
        read_agencies(folder)


def test_two_feeds_are_not_believed_alike(tmp_path: Path) -> None:
    write(tmp_path, PERSONS)
    write(tmp_path, PERSONS.replace("name: uji", "name: vuji"), agency="vuji")
    with pytest.raises(
        ContractError, match=r"_vuji__sources\.yml, table timbang, persons: authority 1 is uji.timbang's"
    ):
        read_agencies(tmp_path)


def test_roles_and_persons_are_read(tmp_path: Path) -> None:
    [agency] = read_agencies(write(tmp_path, PERSONS))
    timbang, kotor = agency.datasets
    assert (timbang.persons, kotor.persons) == (Persons(authority=1, one_row_each=True), None)
    assert [column.link for column in timbang.columns] == ["nik", "name", "born_on", None, None, "sex"]


@pytest.mark.parametrize("role", ["parent", "identity"])
def test_parents_and_the_sides_of_a_pair_may_stand_on_several_columns(tmp_path: Path, role: str) -> None:
    several = CONTRACT.replace("link: name", f"link: {role}").replace(
        "headers: [Catatan], optional: true", f"headers: [Catatan], optional: true, link: {role}"
    )
    [agency] = read_agencies(write(tmp_path, several))
    assert [column.link for column in agency.datasets[0].columns].count(role) == 2


def test_one_role_that_joins_is_enough_and_names_alone_are_no_feed_of_persons(tmp_path: Path) -> None:
    for number, (role, data_type) in enumerate(
        {
            "nik": "char(16)",
            "no_kk": "char(16)",
            "name": "varchar",
            "bps_desa": "varchar",
            "desa_code": "varchar",
            "kecamatan": "varchar",
            "indicator": "varchar",
            "identity": "varchar",
        }.items()
    ):
        one = CONTRACT.replace("link: nik, ", "").replace("link: born_on, ", "").replace("link: name", f"link: {role}")
        one = one.replace(f"data_type: varchar\n            {NAMA}", f"data_type: {data_type}\n            {NAMA}")
        [agency] = read_agencies(write(tmp_path / str(number), one))
        assert [column.link for column in agency.datasets[0].columns if column.link] == [role]
        assert agency.datasets[0].persons is None


def test_a_desa_has_its_kecamatan_beside_it(tmp_path: Path) -> None:
    placed = CONTRACT.replace("link: name", "link: desa").replace(
        "headers: [Catatan], optional: true", "headers: [Catatan], optional: true, link: kecamatan"
    )
    [agency] = read_agencies(write(tmp_path, placed))
    assert {"desa", "kecamatan"} < {column.link for column in agency.datasets[0].columns}


def test_a_dataset_that_comes_when_it_comes_is_never_late(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = "freshness: {warn_after: {count: 40, period: day}}"
    folder = write(tmp_path / "contracts", CONTRACT.replace(due, "freshness: null", 1))
    [agency] = read_agencies(folder)
    assert [dataset.late_after_days for dataset in agency.datasets] == [None, 40]
    monkeypatch.setattr(standing, "read_agencies", lambda: [agency])
    with duckdb.connect() as con:
        warehouse.prepare(con)
        assert [str(one) for one in standing.late(con)] == ["uji/kotor has brought no accepted row yet"]


REAL = [dataset for agency in read_agencies() for dataset in agency.datasets]


@pytest.mark.parametrize("dataset", REAL, ids=lambda dataset: dataset.table)
def test_an_identifier_of_a_person_is_never_a_number(dataset: Dataset) -> None:
    for column in dataset.columns:
        if {"nik", "kk"} & set(column.name.split("_")):
            assert column.data_type == "char(16)", column.name
            assert column.pii == "direct", column.name


def test_the_registers_are_believed_in_this_order() -> None:
    feeds = {dataset.persons.authority: dataset for dataset in REAL if dataset.persons}
    assert [(feeds[rank].table, feeds[rank].persons.one_row_each) for rank in sorted(feeds)] == [
        ("disdukcapil.anak", True),
        ("dinsos.dtsen_anggota", True),
        ("dinkes.penimbangan", False),
        ("dinkes.imunisasi", False),
    ]


DECISIONS = find_dataset("disdukcapil", "keputusan_tautan")
PAIR = "dinkes;{a:032x};disdukcapil;{b:032x};{said};{by};{on};\n"
SHEET = "OPD A;Kunci A;OPD B;Kunci B;Keputusan;Diputuskan Oleh;Tanggal Keputusan;Catatan\n"


def test_every_column_of_the_review_workbook_is_known() -> None:
    shown = [
        f"{name} {side}"
        for side in "AB"
        for name in ("Nama", "Tanggal Lahir", "Jenis Kelamin", "Orang Tua", "NIK", "No KK", "Desa")
    ]
    assert map_header([*SHEET.strip().split(";"), "No", "Skor", "Alasan", "Rincian Skor", *shown], DECISIONS)[1] == []


def test_a_later_copy_left_blank_wipes_out_no_decision(desk: Desk) -> None:
    """Two officers share a workbook, and each sends back a half."""
    halves = [
        SHEET
        + PAIR.format(a=1, b=2, said="Sama", by="Sri", on="2026-10-05")
        + PAIR.format(a=3, b=4, said="", by="", on=""),
        SHEET
        + PAIR.format(a=1, b=2, said="", by="", on="")
        + PAIR.format(a=3, b=4, said="beda", by="Adi", on="2026-10-06"),
    ]
    for half in halves:
        assert desk.read(DECISIONS, half.encode()) is None
    judge_without_gx(desk.con, DECISIONS)
    said = desk.rows(DECISIONS, "identity_a, decision, _status")
    assert [row[1:] for row in said if row[1]] == [("Sama", "accepted"), ("beda", "accepted")]


def test_a_word_that_is_no_decision_is_quarantined_and_the_rest_counts(desk: Desk) -> None:
    sheet = SHEET + "".join(
        PAIR.format(a=n, b=9, said=said, by="Sri", on="2026-10-05")
        for n, said in enumerate(["sama", "mungkin", "belum"])
    )
    assert desk.read(DECISIONS, sheet.encode()) is None
    judge_without_gx(desk.con, DECISIONS)
    assert [row for (row,) in desk.rows(DECISIONS, "_status")] == ["accepted", "quarantined", "accepted"]
