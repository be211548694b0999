"""What goes back to an agency, what comes back from it, and what became of each bad row."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from include import ingest, settings, warehouse
from include.contract import Dataset
from include.contract_reader import find_dataset
from include.gate import judge_without_gx
from include.returns import write_returns
from tests.test_gate import weighings
from tests.workbooks import Row, filled_in, items, path_of

Put = Callable[..., Path]
WEIGHINGS = find_dataset("dinkes", "penimbangan")
HEADER = "NIK;Nama;Tgl Lahir;Berat (kg);Jumlah\n"


def night(dataset: Dataset) -> None:
    """What the ingest DAG does, but for Great Expectations."""
    for delivery in ingest.receive(dataset):
        ingest.load(dataset, delivery)
    with warehouse.connect() as con:
        judge_without_gx(con, dataset)
        write_returns(con, dataset)


def ask(sql: str) -> list[tuple[Any, ...]]:
    with warehouse.connect() as con:
        return con.execute(sql).fetchall()


def states(dataset: Dataset) -> dict[str, int]:
    return dict(ask(f"select state, count(*) from audit.items where dataset = '{dataset.name}' group by 1"))


def send(dataset: Dataset, content: bytes, minute: int, name: str = "perbaikan.xlsx", period: str = "2026-11") -> None:
    import os
    import time

    folder = settings.LANDING / dataset.agency / dataset.name / period
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    moment = time.time() - 3600 + 60 * minute
    os.utime(folder / name, (moment, moment))


def with_bad_heights(rows: int, bad: int, month: int = 9) -> str:
    head, *lines = weighings(rows, month).split("\n")
    return "\n".join([head, *(line.replace(";101.3;", ";400;") if n < bad else line for n, line in enumerate(lines))])


def mended(number: int, row: Row) -> Row:
    return row | {"Tinggi": f"{90 + number % 10},5"}


def test_200_corrections_make_200_items_fixed_and_no_row_is_lost_or_counted_twice(put: Put) -> None:
    put(WEIGHINGS, with_bad_heights(4_100, 200), "a.csv", 0, "2026-09")
    night(WEIGHINGS)
    assert states(WEIGHINGS) == {"open": 200}
    send(WEIGHINGS, filled_in(WEIGHINGS, mended), 1)
    night(WEIGHINGS)
    assert states(WEIGHINGS) == {"fixed": 200}
    assert not path_of(WEIGHINGS).exists()
    counts = ask(
        "select file_name, rows_read, rows_accepted, rows_quarantined, rows_duplicate + rows_superseded "
        "from audit.deliveries order by 1"
    )
    assert counts == [("a.csv", 4100, 3900, 200, 0), ("perbaikan.xlsx", 200, 200, 0, 0)]
    accepted = ask(
        "select count(*), count(distinct child_nik), any_value(_period), count(distinct _period) "
        "from dinkes.penimbangan where _status = 'accepted'"
    )
    assert accepted == [(4100, 4100, "2026-09", 1)], "a returned row keeps the period of its first file"


def test_each_decision_has_its_count_and_what_is_left_is_asked_again(put: Put) -> None:
    put(WEIGHINGS, with_bad_heights(900, 40), "a.csv", 0, "2026-09")
    night(WEIGHINGS)
    first = items(WEIGHINGS)

    def decide(number: int, row: Row) -> Row | None:
        match number:
            case 0 | 1:
                return row | {"Keputusan": "benar", "Diputuskan Oleh": "Sri"}
            case 2:
                return row | {"Keputusan": "hapus", "Diputuskan Oleh": "Sri"}
            case 3:
                return row | {"Keputusan": "benar"}
            case 4:
                return row | {"Keputusan": "benar", "Diputuskan Oleh": "Sri", "Berat": "13"}
            case 5:
                return row | {"Keputusan": "benar", "Diputuskan Oleh": "Sri", "Tiket": "T2026-09-000000000000"}
            case 6:
                return row | {"Keputusan": "mungkin"}
            case 7:
                return row
            case 8 | 9:
                return None
            case 10:
                return row | {"Keputusan": "sudah", "Tinggi": "95"}
        return mended(number, row)

    send(WEIGHINGS, filled_in(WEIGHINGS, decide), 1)
    night(WEIGHINGS)
    assert states(WEIGHINGS) == {"fixed": 30, "accepted_as_is": 2, "deleted": 1, "open": 7}
    told = {row["Tiket"]: row["Masalah"] for row in items(WEIGHINGS)}
    assert set(told) == {first[number]["Tiket"] for number in (3, 4, 5, 6, 7, 8, 9)}
    for number, words in {3: "perlu nama", 4: "tidak diubah", 5: "tidak dikenal", 6: "pilih benar atau hapus"}.items():
        assert words in told[first[number]["Tiket"]]
    assert ask("select count(*) from dinkes.penimbangan where _status = 'accepted' and height_cm = 400") == [(2,)]
    assert ask("select status, rows_read, rows_quarantined, rows_superseded from audit.deliveries where bytes > 0")[
        1
    ] == ("loaded", 38, 5, 1)
