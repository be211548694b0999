"""`python -m include.dpia`: writes into docs/dpia.md, the impact assessment, the tables that follow from the code.

What is collected and on which legal basis comes from the contracts, what is published from the marts' YAML, how long
it stays from `ref_retention.csv`. A test holds the document against them, so that it cannot drift.
"""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import yaml

from include.contract import Agency, Dataset
from include.contract_reader import read_agencies
from include.settings import DBT_PROJECT, ROOT, SEEDS

DOCUMENT = ROOT / "docs" / "dpia.md"
_MARTS = DBT_PROJECT / "models" / "marts"
_PERIODS = {"month": "bulanan", "quarter": "triwulanan", "year": "tahunan"}
_AUDIENCES = {"public": "umum", "task_force": "tim percepatan"}
_KEPT = {
    "releases": "rilis harian",
    "monthly_releases": "rilis terakhir tiap bulan",
    "raw_files": "berkas asli di arsip",
    "returns": "lembar perbaikan untuk OPD",
    "previews": "pratinjau pengisian ulang",
    "lineage": "catatan asal-usul tabel",
    "alerts": "catatan peringatan",
    "prints": "cetakan profil desa",
    "airflow_records": "catatan jalannya Airflow",
    "by_name": "daftar bernama (bukunya tetap disimpan)",
    "believed": "salinan basis data menurut keyakinan suatu hari",
}


def filled(document: str) -> str:
    """Return the document with each generated part written anew; raise `ValueError` when one has no place in it."""
    for name, make in TABLES.items():
        begin, end = f"<!-- {name}: python -m include.dpia -->", f"<!-- {name}: akhir -->"
        place = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        if not place.search(document):
            raise ValueError(f"{DOCUMENT.name} has no place {begin}")
        table = f"{begin}\n\n{make()}\n\n{end}"
        document = place.sub(lambda _, table=table: table, document)  # type: ignore[misc]
    return document


def datasets_with_persons() -> str:
    """Return the table of the datasets that tell of single persons or households, in the agencies' own words."""
    rows = [
        [
            f"{agency.name}/{dataset.name}",
            _PERIODS[dataset.period],
            _headers(dataset, "direct"),
            _headers(dataset, "quasi"),
            ", ".join(dataset.ignore),
            agency.basis,
        ]
        for agency, dataset in _datasets()
        if _is_personal(dataset)
    ]
    titles = ["data", "kiriman", "pengenal langsung", "kuasi-pengenal", "ikut datang, tidak dibaca", "dasar pemrosesan"]
    return _table(titles, rows)


def datasets_of_counts() -> str:
    """Return one sentence that names the datasets in which no person stands."""
    names = [f"{agency.name}/{dataset.name}" for agency, dataset in _datasets() if not _is_personal(dataset)]
    return f"Hanya jumlah per wilayah, tanpa data orang: {', '.join(names)}."


def published() -> str:
    """Return the table of the marts: who may read each, and whether it is about single persons."""
    rows = []
    for path in sorted(_MARTS.rglob("_*__models.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            kinds = [column["config"]["meta"]["pii"] for column in model["columns"]]
            about = "per orang, bersamaran" if "pseudonym" in kinds else "jumlah"
            rows.append(
                [model["name"], _AUDIENCES[model["config"]["meta"]["audience"]], about, str(kinds.count("quasi"))]
            )
    return _table(["tabel", "untuk", "tentang", "kolom kuasi-pengenal"], sorted(rows, key=lambda row: (row[1], row[0])))


def retention() -> str:
    """Return the table of how long what is kept, in days."""
    with (SEEDS / "rules" / "ref_retention.csv").open(encoding="utf-8", newline="") as stream:
        rows = [
            [_KEPT[row["what"]], row["keep_days"], "ya" if row["is_verified"] == "true" else "**belum**"]
            for row in csv.DictReader(stream)
        ]
    return _table(["apa", "disimpan (hari)", "disahkan"], rows)


TABLES: dict[str, Callable[[], str]] = {
    "data": datasets_with_persons,
    "jumlah": datasets_of_counts,
    "terbit": published,
    "simpan": retention,
}


def _datasets() -> list[tuple[Agency, Dataset]]:
    return [(agency, dataset) for agency in read_agencies() for dataset in agency.datasets]


def _is_personal(dataset: Dataset) -> bool:
    return any(column.pii != "none" for column in dataset.columns)


def _headers(dataset: Dataset, pii: str) -> str:
    return ", ".join(column.headers[0] for column in dataset.columns if column.pii == pii) or "-"


def _table(titles: list[str], rows: list[list[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "/") for cell in line) + " |" for line in lines)


def main(document: Path = DOCUMENT) -> None:
    """Write the tables into the document."""
    document.write_text(filled(document.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
