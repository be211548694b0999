"""Reads the agencies' contracts: dbt source files, `models/staging/<opd>/_<opd>__sources.yml`.

This is the only module that knows the YAML's shape; the loader, the gate and the DAG factory read its result.
Reading is strict: a key, type or constraint word that is not known here is a `ContractError` that names the file
and the place, so that a typing error cannot switch a rule off.
"""

from pathlib import Path
from typing import Any

import yaml
from croniter import croniter  # type: ignore[import-untyped]

from include.contract import PERIODS, Agency, Column, Dataset
from include.contract_checks import (
    ContractError,
    check_distinct,
    check_keys,
    check_word,
    entries,
    place_of,
    share,
    sql_name,
    text,
    texts,
    truth,
    whole_number,
)
from include.contract_links import check_authorities, read_link, read_persons
from include.contract_rules import DATA_TYPES, check_other_columns, read_rule
from include.headers import plain
from include.nearest import known_or_nearest
from include.settings import STAGING

OWN_RECORDS = "audit"  # a dbt source as well, but of our own tables: no agency delivers it
PII = {"none", "quasi", "direct"}


def read_agencies(folder: Path = STAGING) -> list[Agency]:
    """Return the agencies in order of name; raise `ContractError` for the first thing not understood."""
    agencies, faults = read_sound(folder)
    if faults:
        raise faults[0]
    return agencies


def read_sound(folder: Path = STAGING) -> tuple[list[Agency], list[ContractError]]:
    """Return the agencies whose contract is understood, and what is wrong with the others'.

    For the DAG files: one agency's contract stops no other agency's deliveries. Nothing is built or published meanwhile.
    """
    agencies: list[Agency] = []
    faults = []
    for path in [path for path in sorted(folder.glob("*/_*__sources.yml")) if path.parent.name != OWN_RECORDS]:
        try:
            read = _read(path)
            check_authorities([*agencies, *read])
        except ContractError as fault:
            faults.append(fault)
        else:
            agencies += read
    return agencies, faults


def find_dataset(agency: str, name: str, folder: Path = STAGING) -> Dataset:
    """Return one dataset; raise `ContractError` naming the known ones when there is no such contract."""
    known = {(d.agency, d.name): d for a in read_agencies(folder) for d in a.datasets}
    if (agency, name) not in known:
        names = ", ".join(f"{a}/{d}" for a, d in known)
        raise ContractError(
            f"No contract for {agency}/{name}; a file lies in <agency>/<dataset>/<period>, with contracts for {names}."
            + _not_read(folder)
        )
    return known[agency, name]


def _not_read(folder: Path) -> str:
    """Say which files of YAML are no contract by their name alone: one may be meant."""
    known = (*folder.glob("*/_*__sources.yml"), *folder.glob("*/_*__models.yml"), *folder.glob("*/_*__unit_tests.yml"))
    passed = [f"{path.parent.name}/{path.name}" for path in sorted(folder.glob("*/*.y*ml")) if path not in known]
    return f" Not read, as a contract is called _<opd>__sources.yml: {', '.join(passed)}." if passed else ""


def find_datasets(agency: str, dataset: str = "") -> list[Dataset]:
    """Return the datasets that two words name, an empty one all; raise `ContractError` naming the nearest."""
    agencies = {one.name: one for one in read_agencies()}
    if agency and agency not in agencies:
        raise ContractError(f"There is no agency {agency!r}; {known_or_nearest(agency, agencies)}.")
    datasets = [one for each in agencies.values() for one in each.datasets if agency in ("", each.name)]
    chosen = [one for one in datasets if dataset in ("", one.name)]
    if not chosen:
        known = known_or_nearest(dataset, [one.name for one in datasets])
        raise ContractError(f"{agency or 'No agency'} has {'no' if agency else 'a'} dataset {dataset!r}; {known}.")
    return chosen


def _read(path: Path) -> list[Agency]:
    agencies = [_read_agency(source, path, number) for number, source in enumerate(_load(path), 1)]
    check_distinct((agency.name for agency in agencies), f"{path.name}, sources")
    return agencies


def _load(path: Path) -> list[Any]:
    try:
        written = path.read_text(encoding="utf-8")
        document = yaml.load(written, _OnceOnly)
    except yaml.MarkedYAMLError as error:
        raise ContractError(f"{path.name}, {_why_no_yaml(error, written)}") from error
    except (yaml.YAMLError, ValueError) as error:  # signs that no text has, a date that no calendar has
        raise ContractError(f"{path.name}: it cannot be read as YAML: {' '.join(str(error).split())}.") from error
    check_keys(document, path.name, {"version", "sources"})
    if document["version"] != 2:
        raise ContractError(f"{path.name}, version: must be 2, dbt's own number for this form of the file.")
    return entries(document["sources"], f"{path.name}, sources")


def _why_no_yaml(error: yaml.MarkedYAMLError, written: str) -> str:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return f"as YAML: {error.problem}."
    lines = written.split("\n")
    line = lines[mark.line] if mark.line < len(lines) else ""
    advice = (
        "indent with blanks, not with a tab"
        if "\t" in line
        else error.note or "look at the indent, colons and brackets of this line and the one above"
    )
    return f"line {mark.line + 1}: {error.problem}: {line.strip()!r}; {advice}."


class _OnceOnly(yaml.CSafeLoader):
    """YAML lets a key stand twice and keeps the last: a second `data_tests` would switch the first off."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [(self.construct_object(key, deep=True), key.start_mark) for key, _ in node.value]
        for number, (key, mark) in enumerate(keys):
            if key in [before for before, _ in keys[:number]]:
                raise yaml.MarkedYAMLError(problem=f"the key {key} stands twice", problem_mark=mark, note="leave one")
        return super().construct_mapping(node, deep)


def _read_agency(source: Any, path: Path, number: int) -> Agency:
    where = place_of(source, "source", number, path.name)
    check_keys(source, where, {"name", "description", "config", "tables"})
    name = sql_name(source["name"], f"{where}, name")
    if name != path.parent.name:
        raise ContractError(f"{where}, name: must be {path.parent.name}, the name of its folder.")
    check_keys(source["config"], f"{where}, config", {"meta"})
    meta = source["config"]["meta"]
    check_keys(meta, f"{where}, meta", {"owner", "basis", "schedule"})
    schedule = text(meta["schedule"], f"{where}, schedule")
    if not croniter.is_valid(schedule):
        raise ContractError(f'{where}, schedule: {schedule!r} is no cron expression; write it as "0 19 * * *".')
    tables = entries(source["tables"], f"{where}, tables")
    datasets = tuple(_read_dataset(name, table, path, number) for number, table in enumerate(tables, 1))
    check_distinct((dataset.name for dataset in datasets), f"{where}, tables")
    return Agency(
        name=name,
        description=text(source["description"], f"{where}, description"),
        owner=text(meta["owner"], f"{where}, owner"),
        basis=text(meta["basis"], f"{where}, basis"),
        schedule=schedule,
        datasets=datasets,
    )


def _read_dataset(agency: str, table: Any, path: Path, number: int) -> Dataset:
    where = place_of(table, "table", number, path.name)
    check_keys(table, where, {"name", "description", "config", "columns"})
    config = table["config"]
    check_keys(config, f"{where}, config", {"loaded_at_field", "freshness", "meta"})
    if config["loaded_at_field"] != "_received_at":
        raise ContractError(f"{where}, loaded_at_field: must be _received_at, when a file was received.")
    meta = config["meta"]
    check_keys(meta, f"{where}, meta", {"period", "key", "tolerance", "ignore"}, {"persons", "replaces"})
    check_keys(meta["tolerance"], f"{where}, tolerance", {"bad_share", "reason"})
    text(meta["tolerance"]["reason"], f"{where}, tolerance, reason")
    check_word(meta["period"], PERIODS, f"{where}, period")
    found = entries(table["columns"], f"{where}, columns")
    columns = tuple(_read_column(column, where, number) for number, column in enumerate(found, 1))
    names = [column.name for column in columns]
    check_distinct(names, f"{where}, columns")
    check_other_columns(columns, where)
    ignore = texts(meta["ignore"], f"{where}, ignore")
    _check_headers(columns, ignore, where)
    key = texts(meta["key"], f"{where}, key", at_least=1)
    for part in key:
        check_word(part, [*names, "_period"], f"{where}, key")
    check_distinct(key, f"{where}, key")
    return Dataset(
        agency=agency,
        name=sql_name(table["name"], f"{where}, name"),
        description=text(table["description"], f"{where}, description"),
        period=meta["period"],
        key=key,
        max_bad_share=share(meta["tolerance"]["bad_share"], f"{where}, tolerance, bad_share"),
        late_after_days=_late_after_days(config["freshness"], f"{where}, freshness"),
        ignore=ignore,
        persons=read_persons(meta, columns, where),
        is_whole=_is_whole(meta, f"{where}, replaces"),
        columns=columns,
    )


def _check_headers(columns: tuple[Column, ...], ignore: tuple[str, ...], where: str) -> None:
    """A header leads to one column; which letters are capitals, blanks and signs do not tell two apart."""
    places = [(header, f"column {column.name}") for column in columns for header in column.headers]
    seen: dict[str, tuple[str, str]] = {}
    for header, place in [*places, *((header, "ignore") for header in ignore)]:
        if plain(header) in seen:
            before, its_place = seen[plain(header)]
            raise ContractError(
                f"{where}, headers: {header!r} of {place} is read like {before!r} of {its_place}; leave it in one place."
            )
        seen[plain(header)] = header, place


def _is_whole(meta: dict[str, Any], where: str) -> bool:
    """Read `replaces: {scope: period, reason: ...}`. What is gone from a period must be a row of that period."""
    if "replaces" not in meta:
        return False
    check_keys(meta["replaces"], where, {"scope", "reason"})
    check_word(meta["replaces"]["scope"], {"period"}, f"{where}, scope")
    text(meta["replaces"]["reason"], f"{where}, reason")
    if "_period" not in meta["key"]:
        raise ContractError(f"{where}: the key must have _period, or another period's rows would end.")
    return True


def _late_after_days(freshness: Any, where: str) -> int | None:
    if freshness is None:  # dbt's own word for "comes when it comes"
        return None
    check_keys(freshness, where, {"warn_after"})
    check_keys(freshness["warn_after"], f"{where}, warn_after", {"count", "period"})
    check_word(freshness["warn_after"]["period"], {"day"}, f"{where}, warn_after, period")
    return whole_number(freshness["warn_after"]["count"], f"{where}, warn_after, count")


def _read_column(column: Any, table: str, number: int) -> Column:
    where = place_of(column, "column", number, table)
    check_keys(column, where, {"name", "data_type", "description", "config"}, {"data_tests"})
    check_keys(column["config"], f"{where}, config", {"meta"})
    meta = column["config"]["meta"]
    check_keys(meta, f"{where}, meta", {"headers", "pii"}, {"optional", "missing", "link"})
    name = sql_name(column["name"], f"{where}, name")
    data_type = column["data_type"]
    check_word(data_type, DATA_TYPES, f"{where}, data_type")
    check_word(meta["pii"], PII, f"{where}, pii")
    tests = entries(column["data_tests"], f"{where}, data_tests") if "data_tests" in column else []
    rules = tuple(read_rule(test, name, data_type, where) for test in tests)
    check_distinct((rule.word for rule in rules), f"{where}, data_tests")
    return Column(
        name=name,
        data_type=data_type,
        description=text(column["description"], f"{where}, description"),
        headers=texts(meta["headers"], f"{where}, headers", at_least=1),
        optional=truth(meta.get("optional", False), f"{where}, optional"),
        missing=texts(meta.get("missing", []), f"{where}, missing"),
        pii=meta["pii"],
        link=read_link(meta["link"], data_type, f"{where}, link") if "link" in meta else None,
        rules=rules,
    )
