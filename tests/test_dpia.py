"""The impact assessment says what the code does, and one person's rows can be found."""

from datetime import date

from include.contract_reader import read_agencies
from include.dpia import DOCUMENT, filled
from include.subject import rows_of

WEIGHED = (
    b"NIK,Nama,Tgl Lahir,Berat (kg),Jumlah\n3604110101230001,Sari,01-02-2023,9.1,1\n-,Budi Hartono,13-02-2023,8,2\n"
)


def test_the_assessment_has_the_tables_of_the_code():
    document = DOCUMENT.read_text(encoding="utf-8")
    assert filled(document) == document, "run python -m include.dpia"


def test_every_dataset_stands_in_the_assessment():
    document = DOCUMENT.read_text(encoding="utf-8")
    names = [f"{dataset.agency}/{dataset.name}" for agency in read_agencies() for dataset in agency.datasets]
    assert [name for name in names if name not in document] == []


def test_a_person_is_found_by_number(desk, timbang, kotor):
    assert desk.read(timbang, WEIGHED) is None
    [row] = rows_of(desk.con, [timbang, kotor], number="3604110101230001")
    assert (row.dataset, row.period, row.file_name, row.row) == ("uji/timbang", "2026-10", "file.csv", 2)
    assert row.cells == {
        "NIK": "3604110101230001",
        "Nama": "Sari",
        "Tgl Lahir": date(2023, 2, 1),
        "Berat (kg)": 9.1,
        "Jumlah": 1,
    }
    assert rows_of(desk.con, [timbang, kotor], number="3604110101230002") == []


def test_a_person_without_a_number_is_found_by_name_and_birth_date(desk, timbang):
    assert desk.read(timbang, WEIGHED) is None
    [row] = rows_of(desk.con, [timbang], name="budi", born_on=date(2023, 2, 13))
    assert row.cells["Nama"] == "Budi Hartono"
    assert rows_of(desk.con, [timbang], name="budi", born_on=date(2023, 2, 14)) == []
