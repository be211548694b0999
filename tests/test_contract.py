"""A contract is read strictly: what is not understood is an error that names file, table and column."""

import re
from pathlib import Path

import pytest

from include.contract import Dataset
from include.contract_reader import ContractError, find_dataset, read_agencies
from include.settings import SEEDS
from tests.conftest import CONTRACTS

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
    "per cent for a share": ("bad_share: 0.9", "bad_share: 9", "table kotor, bad_share.*between 0 and 1"),
    "schedule that is none": ('schedule: "0 19 * * *"', 'schedule: "25 99 * * *"', "source uji, schedule.*no cron"),
    "unknown severity": (RANGE, RANGE[:-1] + ", config: {severity: warning}}", "table kotor, column berat, in_range.*warning"),
    "unknown period": ("period: month\n            key: [nik", "period: weekly\n            key: [nik", "table timbang, period.*weekly"),
    "unknown pii": ('missing: ["-"], pii: direct}}\n            data_tests: [not_null]', 'missing: ["-"], pii: secret}}\n            data_tests: [not_null]', "table timbang, column nama, pii.*secret"),
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
    "one word twice": (RANGE, f"{RANGE}\n              {RANGE.replace('58', '60')}", "table kotor, column berat.*in_range"),
    "a list of tests twice": ("data_tests: [not_in_future]", "data_tests: [not_in_future]\n            data_tests: [not_null]", "data_tests.*twice"),
    "a name that SQL cannot take": ("- name: jumlah", "- name: Jumlah Anak", "column Jumlah Anak"),
    "meta left empty": ("            config: {meta: {headers: [Jumlah]", "            config: {meta: }\n            other: {a: {b: [Jumlah]", "table timbang, column jumlah"),
    "no YAML at all": ("version: 2", "version: [2", "line"),
}  # fmt: skip


def write(folder: Path, text: str) -> Path:
    path = folder / "uji" / "_uji__sources.yml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return folder


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


REAL = [dataset for agency in read_agencies() for dataset in agency.datasets]


@pytest.mark.parametrize("dataset", REAL, ids=lambda dataset: dataset.table)
def test_every_reference_leads_to_a_seed_with_that_column(dataset: Dataset) -> None:
    for rule in dataset.rules:
        if rule.word == "relationships":
            name = re.fullmatch(r"ref\('(\w+)'\)", rule.arguments["to"])
            assert name is not None, rule.name
            [seed] = SEEDS.rglob(f"{name[1]}.csv")
            assert rule.arguments["field"] in seed.read_text(encoding="utf-8").splitlines()[0].split(",")


@pytest.mark.parametrize("dataset", REAL, ids=lambda dataset: dataset.table)
def test_every_pattern_is_one_and_every_range_has_room(dataset: Dataset) -> None:
    for rule in dataset.rules:
        if rule.word == "matches":
            re.compile(rule.arguments["pattern"])
        if rule.word == "in_range":
            assert rule.arguments["min"] < rule.arguments["max"], rule.name


@pytest.mark.parametrize("dataset", REAL, ids=lambda dataset: dataset.table)
def test_an_identifier_of_a_person_is_never_a_number(dataset: Dataset) -> None:
    for column in dataset.columns:
        if {"nik", "kk"} & set(column.name.split("_")):
            assert column.data_type == "char(16)", column.name
            assert column.pii == "direct", column.name
