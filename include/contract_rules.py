"""Reads the constraint words of a contract's columns; `words.py` says what each of them means."""

import re
from typing import Any

from include.contract import Column, Rule
from include.contract_checks import (
    ContractError,
    check_distinct,
    check_keys,
    check_word,
    number,
    share,
    text,
    texts,
    truth,
)
from include.regencies import FOLDER
from include.settings import SEEDS

DATA_TYPES = {"varchar", "char(16)", "date", "double", "integer", "bigint"}
NUMBERS, TEXTS = {"double", "integer", "bigint"}, {"varchar", "char(16)"}
FITS = {
    "in_range": NUMBERS,
    "not_above": NUMBERS,
    "matches": TEXTS,
    "accepted_values": TEXTS,
    "relationships": TEXTS,
    "known_desa": {"varchar"},
    "known_desa_code": {"varchar"},
    "known_kecamatan": {"varchar"},
    "not_in_future": {"date"},
}
ARGUMENTS: dict[str, set[str]] = {
    "not_null": set(),
    "unique": set(),
    "not_in_future": set(),
    "accepted_values": {"values"},
    "in_range": {"min", "max"},
    "matches": {"pattern"},
    "relationships": {"to", "field"},
    "known_desa": {"kecamatan"},
    "known_desa_code": set(),
    "known_kecamatan": set(),
    "not_above": {"column"},
    "once_per": {"columns"},
}
# an argument that names another column of the table, and what that column must be
BESIDE = {"known_desa": ("kecamatan", {"varchar"}), "not_above": ("column", NUMBERS)}


def read_rule(test: Any, column: str, data_type: str, where: str) -> Rule:
    """Return one entry of a column's `data_tests`."""
    tests = test if isinstance(test, dict) else {text(test, f"{where}, data_tests"): {}}
    if len(tests) != 1:
        words = ", ".join(map(str, tests)) or "none"
        raise ContractError(f"{where}, data_tests: one word an entry, not {words}; begin each with a dash.")
    [(word, body)] = tests.items()
    check_word(word, ARGUMENTS, f"{where}, data_tests")
    where = f"{where}, {word}"
    check_keys(body, where, set(), {"arguments", "config"})
    arguments, config = body.get("arguments", {}), body.get("config", {})
    check_keys(arguments, f"{where}, arguments", ARGUMENTS[word])
    if data_type not in FITS.get(word, DATA_TYPES):
        raise ContractError(f"{where}: does not fit a {data_type}, only {', '.join(sorted(FITS[word]))}.")
    _check_arguments(word, arguments, where)
    check_keys(config, f"{where}, config", set(), {"severity", "meta"})
    meta = config.get("meta", {})
    check_keys(meta, f"{where}, meta", set(), {"mostly", "may_be_true"})
    may_be_true = truth(meta.get("may_be_true", False), f"{where}, may_be_true")
    if may_be_true and word != "in_range":
        raise ContractError(f"{where}, may_be_true: stands at in_range alone; leave it out.")
    severity = config.get("severity", "error")
    check_word(severity, {"error", "warn"}, f"{where}, severity")
    mostly = share(meta.get("mostly", 1.0), f"{where}, mostly")
    return Rule(word, column, arguments, severity, mostly, may_be_true)


def check_other_columns(columns: tuple[Column, ...], table: str) -> None:
    """Check that what a rule says of other columns is there: each of them in the same table, of a type that fits."""
    types = {column.name: column.data_type for column in columns}
    for rule in (rule for column in columns for rule in column.rules):
        where = f"{table}, column {rule.column}, {rule.word}"
        for other in rule.arguments["columns"] if rule.word == "once_per" else ():
            check_word(other, types, f"{where}, columns")
        if rule.word in BESIDE:
            argument, fitting = BESIDE[rule.word]
            other = rule.arguments[argument]
            check_word(other, types.keys() - {rule.column}, f"{where}, {argument}")
            if types[other] not in fitting:
                raise ContractError(
                    f"{where}, {argument}: {other} is a {types[other]}, not {', '.join(sorted(fitting))}."
                )


def _check_arguments(word: str, arguments: dict[str, Any], where: str) -> None:
    if word == "accepted_values":
        texts(arguments["values"], f"{where}, values", at_least=1)
    if word == "in_range" and number(arguments["min"], f"{where}, min") > number(arguments["max"], f"{where}, max"):
        raise ContractError(f"{where}: min {arguments['min']} is above max {arguments['max']}; turn them round.")
    if word == "matches":
        _check_pattern(text(arguments["pattern"], f"{where}, pattern"), f"{where}, pattern")
    if word == "once_per":
        check_distinct(texts(arguments["columns"], f"{where}, columns", at_least=1), f"{where}, columns")
    if word in BESIDE:
        argument, _ = BESIDE[word]
        text(arguments[argument], f"{where}, {argument}")
    if word == "relationships":
        found = re.fullmatch(r"ref\('(\w+)'\)", text(arguments["to"], f"{where}, to"))
        paths = [path for folder in (SEEDS, FOLDER) for path in folder.rglob(f"{found[1]}.csv")] if found else []
        if not paths:
            raise ContractError(f"{where}: {arguments['to']} names no seed; write ref('<name of a seed>').")
        fields = paths[0].read_text(encoding="utf-8").splitlines()[0].split(",")
        check_word(arguments["field"], fields, f"{where}, field")


def _check_pattern(pattern: str, where: str) -> None:
    """DuckDB's expressions (RE2) are Python's without what looks around or back; a DAG file has no time to load DuckDB."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise ContractError(f"{where}: {pattern!r} is no regular expression: {error}.") from error
    if found := re.search(r"\(\?(?!:|P<|[ims]+\))[^)]*|\\[1-9]|[*+?}]\+", pattern):
        raise ContractError(f"{where}: {pattern!r} has {found[0]}, which DuckDB does not know; write it without.")
