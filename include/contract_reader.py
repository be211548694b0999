"""Reads the agencies' contracts: dbt source files, `models/staging/<opd>/_<opd>__sources.yml`.

This is the only module that knows the YAML's shape; the loader, the gate and the DAG factory read its result.
Reading is strict: a key, type or constraint word that is not known here is a `ContractError` that names the file
and the place, so that a typing error cannot switch a rule off.
"""

import re
from pathlib import Path
from typing import Any

import yaml
from croniter import croniter  # type: ignore[import-untyped]

from include.contract import PERIODS, Agency, Column, Dataset
from include.contract_checks import ContractError, check_distinct, check_keys, check_word, share, text, texts
from include.contract_links import check_authorities, read_link, read_persons
from include.contract_rules import DATA_TYPES, check_other_columns, read_rule
from include.headers import plain
from include.nearest import known_or_nearest
from include.settings import STAGING

OWN_RECORDS = "audit"  # a dbt source as well, but of our own tables: no agency delivers it
PII = {"none", "quasi", "direct"}


def read_agencies(folder: Path = STAGING) -> list[Agency]:
    """Return the agencies in order of name; raise `ContractError` for the first thing not understood."""
    contracts = [path for path in sorted(folder.glob("*/_*__sources.yml")) if path.parent.name != OWN_RECORDS]
    agencies = [_read_agency(source, path) for path in contracts for source in _load(path)]
    check_authorities(agencies)
    return agencies


def find_dataset(agency: str, name: str, folder: Path = STAGING) -> Dataset:
    """Return one dataset; raise `ContractError` naming the known ones when there is no such contract."""
    known = {(d.agency, d.name): d for a in read_agencies(folder) for d in a.datasets}
    if (agency, name) not in known:
        names = ", ".join(f"{a}/{d}" for a, d in known)
        raise ContractError(
            f"No contract for {agency}/{name}; a file lies in <agency>/<dataset>/<period>, with contracts for {names}."
        )
    return known[agency, name]


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


def _load(path: Path) -> list[dict[str, Any]]:
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), _OnceOnly)
    except yaml.YAMLError as error:
        raise ContractError(f"{path.name}: {' '.join(str(error).split())}") from error
    check_keys(document, path.name, {"version", "sources"})
    return document["sources"]


class _OnceOnly(yaml.CSafeLoader):
    """YAML lets a key stand twice and keeps the last: a second `data_tests` would switch the first off."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if twice := [key for key in keys if keys.count(key) > 1]:
            raise yaml.YAMLError(f"the key {twice[0]} stands twice{node.start_mark}")
        return super().construct_mapping(node, deep)


def _read_agency(source: dict[str, Any], path: Path) -> Agency:
    check_keys(source, path.name, {"name", "description", "config", "tables"})
    where = f"{path.name}, source {source['name']}"
    check_keys(source["config"], where, {"meta"})
    meta = source["config"]["meta"]
    check_keys(meta, where, {"owner", "basis", "schedule"})
    if not croniter.is_valid(meta["schedule"]):
        raise ContractError(f"{where}, schedule: {meta['schedule']!r} is no cron expression.")
    datasets = tuple(_read_dataset(source["name"], table, path) for table in source["tables"])
    check_distinct([dataset.name for dataset in datasets], f"{where}, tables")
    description = text(source["description"], f"{where}, description")
    return Agency(source["name"], description, meta["owner"], meta["basis"], meta["schedule"], datasets)


def _read_dataset(agency: str, table: dict[str, Any], path: Path) -> Dataset:
    where = f"{path.name}, table {table.get('name')}"
    check_keys(table, where, {"name", "description", "config", "columns"})
    check_keys(table["config"], where, {"loaded_at_field", "freshness", "meta"})
    meta = table["config"]["meta"]
    check_keys(meta, where, {"period", "key", "tolerance", "ignore"}, {"persons", "replaces"})
    check_keys(meta["tolerance"], where, {"bad_share", "reason"})
    check_word(meta["period"], PERIODS, f"{where}, period")
    columns = tuple(_read_column(column, where) for column in table["columns"])
    names = [column.name for column in columns]
    check_distinct(names, f"{where}, columns")
    check_other_columns(columns, where)
    ignore = texts(meta["ignore"], f"{where}, ignore")
    check_distinct([plain(header) for c in columns for header in c.headers] + [plain(h) for h in ignore], where)
    key = texts(meta["key"], f"{where}, key", at_least=1)
    for part in key:
        check_word(part, [*names, "_period"], f"{where}, key")
    return Dataset(
        agency=agency,
        name=table["name"],
        description=text(table["description"], f"{where}, description"),
        period=meta["period"],
        key=key,
        max_bad_share=share(meta["tolerance"]["bad_share"], f"{where}, bad_share"),
        late_after_days=_late_after_days(table["config"]["freshness"], f"{where}, freshness"),
        ignore=ignore,
        persons=read_persons(meta, columns, where),
        is_whole=_is_whole(meta, f"{where}, replaces"),
        columns=columns,
    )


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


def _late_after_days(freshness: dict[str, Any] | None, where: str) -> int | None:
    if freshness is None:  # dbt's own word for "comes when it comes"
        return None
    check_keys(freshness, where, {"warn_after"})
    check_keys(freshness["warn_after"], where, {"count", "period"})
    check_word(freshness["warn_after"]["period"], {"day"}, where)
    return int(freshness["warn_after"]["count"])


def _read_column(column: dict[str, Any], table: str) -> Column:
    where = f"{table}, column {column.get('name')}"
    check_keys(column, where, {"name", "data_type", "description", "config"}, {"data_tests"})
    check_keys(column["config"], where, {"meta"})
    meta = column["config"]["meta"]
    check_keys(meta, where, {"headers", "pii"}, {"optional", "missing", "link"})
    check_word(column["data_type"], DATA_TYPES, f"{where}, data_type")
    check_word(meta["pii"], PII, f"{where}, pii")
    if not re.fullmatch("[a-z][a-z0-9_]*", column["name"]):
        raise ContractError(f"{where}: a name has small letters, digits and _ only, and begins with a letter.")
    rules = tuple(read_rule(test, column["name"], column["data_type"], where) for test in column.get("data_tests", []))
    check_distinct([rule.word for rule in rules], f"{where}, data_tests")
    return Column(
        name=column["name"],
        data_type=column["data_type"],
        description=text(column["description"], f"{where}, description"),
        headers=texts(meta["headers"], f"{where}, headers", at_least=1),
        optional=meta.get("optional", False),
        missing=texts(meta.get("missing", []), f"{where}, missing"),
        pii=meta["pii"],
        link=read_link(meta["link"], column["data_type"], f"{where}, link") if "link" in meta else None,
        rules=rules,
    )
