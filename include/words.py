"""The constraint words of the contracts, each with its one meaning in SQL, in Great Expectations and in words.

`fails` is true on a row that breaks the rule and never true on a missing value (but for `not_null`). dbt's
generic tests of the same names are its own (`not_null`, `unique`, `accepted_values`, `relationships`) or ours
(`dbt_project/tests/generic/`); a test feeds one dirty table to all three and asserts the same failing rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include import places
from include.contract import Dataset, Rule
from include.warehouse import literal

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation


@dataclass(frozen=True)
class Word:
    """`fails`: SQL of a row that breaks the rule. `reason`: for the agency. `native`: GX's own class, if any.

    `hint`: SQL of what this row may mean instead, over the bad rows, named `bad`. `reads`: files the answer rests on.
    `over_rows`: whether `fails` looks at other rows of the batch (a window), so that no one pass can count it.
    """

    fails: Callable[[Rule, Dataset], str]
    reason: Callable[[Rule], str]
    native: Callable[[Rule], tuple[str, dict[str, Any]]] | None = None
    hint: Callable[[Rule, Dataset], str] | None = None
    reads: Callable[[Rule], list[Path]] = lambda rule: []
    over_rows: bool = False


WORDS = {
    "not_null": Word(
        fails=lambda rule, dataset: f"{rule.column} is null",
        reason=lambda rule: "kosong; isi nilainya",
        native=lambda rule: ("ExpectColumnValuesToNotBeNull", {}),
    ),
    "unique": Word(
        # within one delivery: a file and its correction may come in the same night
        fails=lambda rule, dataset: (
            f"{rule.column} is not null and count(*) over (partition by _delivery_id, {rule.column}) > 1"
        ),
        reason=lambda rule: "muncul lebih dari sekali; harus satu baris saja",
        over_rows=True,
    ),
    "accepted_values": Word(
        fails=lambda rule, dataset: f"{rule.column} not in ({_texts(rule.arguments['values'])})",
        reason=lambda rule: f"bukan salah satu dari {', '.join(rule.arguments['values'])}",
        native=lambda rule: ("ExpectColumnValuesToBeInSet", {"value_set": rule.arguments["values"]}),
    ),
    "in_range": Word(
        fails=lambda rule, dataset: f"{rule.column} not between {rule.arguments['min']} and {rule.arguments['max']}",
        reason=lambda rule: (
            f"di luar batas {_comma(rule.arguments['min'])} sampai {_comma(rule.arguments['max'])}; periksa satuan dan koma"
        ),
        native=lambda rule: (
            "ExpectColumnValuesToBeBetween",
            {"min_value": rule.arguments["min"], "max_value": rule.arguments["max"]},
        ),
    ),
    "matches": Word(
        fails=lambda rule, dataset: f"not regexp_matches({rule.column}, {literal(rule.arguments['pattern'])})",
        reason=lambda rule: f"bentuknya tidak sesuai {rule.arguments['pattern']}",
    ),
    "not_in_future": Word(
        # against the day of arrival in Serang (UTC+7), not today's: a rebuild must find what the night found
        fails=lambda rule, dataset: f"{rule.column} > (_received_at + interval 7 hour)::date",
        reason=lambda rule: "tanggalnya belum terjadi; periksa tahun dan bulan",
    ),
    "relationships": Word(
        fails=lambda rule, dataset: (
            f"{rule.column} not in (select {rule.arguments['field']} from {places.seed(rule.seed)} "
            f"where {rule.arguments['field']} is not null)"
        ),
        reason=lambda rule: f"tidak ada dalam daftar {rule.seed}",
        reads=lambda rule: [places.seed_file(rule.seed)],
    ),
    "known_desa": Word(
        fails=lambda rule, dataset: places.is_unknown_desa(rule.arguments["kecamatan"], rule.column, dataset.table),
        reason=lambda rule: "desa tidak dikenal di kecamatan itu",
        hint=lambda rule, dataset: places.meant_desa(f"bad.{rule.arguments['kecamatan']}", f"bad.{rule.column}"),
        reads=lambda rule: places.place_files(),
    ),
    "known_kecamatan": Word(
        fails=lambda rule, dataset: places.is_unknown_kecamatan(rule.column),
        reason=lambda rule: "kecamatan tidak dikenal",
        hint=lambda rule, dataset: places.meant_kecamatan(f"bad.{rule.column}"),
        reads=lambda rule: places.place_files(),
    ),
    "known_desa_code": Word(
        fails=lambda rule, dataset: places.is_unknown_code(rule.column),
        reason=lambda rule: "kode desa tidak dikenal",
        hint=lambda rule, dataset: places.meant_code(f"bad.{rule.column}"),
        reads=lambda rule: [places.seed_file("ref_desa")],
    ),
    "not_above": Word(
        fails=lambda rule, dataset: f"{rule.column} > {rule.arguments['column']}",
        reason=lambda rule: "lebih besar daripada pembandingnya",
        hint=lambda rule, dataset: _two_figures(rule, dataset),
    ),
    "once_per": Word(
        # equal rows are left to the gate: they are duplicates
        fails=lambda rule, dataset: _is_told_twice(rule.arguments["columns"], dataset),
        reason=lambda rule: "dilaporkan lebih dari sekali dengan isi berbeda; kirim satu baris yang benar",
        hint=lambda rule, dataset: _where_it_is_told(rule.arguments["columns"], dataset),
        over_rows=True,
    ),
    "readable": Word(
        fails=lambda rule, dataset: f"list_contains(_unreadable, '{rule.column}')",
        reason=lambda rule: "tidak terbaca sebagai angka atau tanggal",
    ),
    "whole_row": Word(
        fails=lambda rule, dataset: "_line is not null",
        reason=lambda rule: "jumlah sel dalam baris tidak sama dengan judul kolom; periksa pemisah kolom",
    ),
}


def all_rules(dataset: Dataset) -> list[Rule]:
    """Return the contract's rules and the two it implies: a row is whole, a typed cell can be read."""
    typed = [c.name for c in dataset.columns if c.data_type not in ("varchar", "char(16)")]
    implied = [
        Rule("whole_row", "_line", {}, "error", 1.0),
        *(Rule("readable", name, {}, "error", 1.0) for name in typed),
    ]
    return [*implied, *dataset.rules]


def fails(rule: Rule, dataset: Dataset) -> str:
    """Return the SQL condition of a row that breaks the rule."""
    return WORDS[rule.word].fails(rule, dataset)


def reason(rule: Rule) -> str:
    """Return what is wrong and what to do, in Indonesian, for the agency."""
    return WORDS[rule.word].reason(rule)


def hint(rule: Rule, dataset: Dataset) -> str | None:
    """Return SQL of what a bad row may mean instead, over rows named `bad`; null where nothing can be proposed."""
    word = WORDS[rule.word]
    return word.hint(rule, dataset) if word.hint else None


def read_files(dataset: Dataset) -> list[Path]:
    """Return the files that say, beside the contract, which rows are bad: the seeds that its words look into.

    A rule that only warns frees no row, so its seeds are no reason to read an archive of years again.
    """
    errors = [rule for rule in dataset.rules if rule.severity == "error"]
    return sorted({path for rule in errors for path in WORDS[rule.word].reads(rule)})


def expectation(rule: Rule, dataset: Dataset) -> Expectation:
    """Return the rule as a Great Expectations expectation: GX's own where DuckDB can run it, else the same SQL."""
    import great_expectations.expectations as gxe  # costs seconds, so only where a gate runs

    from include.gx_rules import ExpectQueryToFindNoRows, ExpectRowsToKeepRule

    common = {
        "severity": "critical" if rule.severity == "error" else "warning",
        "meta": {"rule": rule.name, "column": rule.column},
    }
    word = WORDS[rule.word]
    if word.native is None and word.over_rows:
        condition = fails(rule, dataset).replace("{", "{{").replace("}", "}}")
        query = f"select _row from (select _row, {condition} as is_bad from {{batch}}) where is_bad"
        return ExpectQueryToFindNoRows(unexpected_rows_query=query, description=rule.name, **common)
    if word.native is None:
        return ExpectRowsToKeepRule(column=rule.column, broken_if=fails(rule, dataset), **common)
    name, arguments = word.native(rule)
    return getattr(gxe, name)(column=rule.column, mostly=rule.mostly, **arguments, **common)


def _two_figures(rule: Rule, dataset: Dataset) -> str:
    other = rule.arguments["column"]
    return f"bad.{rule.column} || ', padahal ' || {literal(dataset.header(other))} || ' ' || bad.{other}"


def _is_told_twice(columns: list[str], dataset: Dataset) -> str:
    content = f"hash({', '.join(column.name for column in dataset.columns)})"
    group = f"over (partition by _delivery_id, {', '.join(columns)})"
    present = " and ".join(f"{column} is not null" for column in columns)
    return f"{present} and min({content}) {group} <> max({content}) {group}"


def _where_it_is_told(columns: list[str], dataset: Dataset) -> str:
    """SQL of what is told and in which rows; all rows of the group are bad rows, so none is looked up."""
    group = f"over (partition by bad._delivery_id, {', '.join(f'bad.{column}' for column in columns)})"
    told = " || ', ' || ".join(f"{literal(dataset.header(column))} || ' ' || bad.{column}" for column in columns)
    return f"""{told} || case count(*) {group}
        when 2 then ' di baris ' || min(bad._row) {group} || ' dan ' || max(bad._row) {group}
        else ' di ' || count(*) {group} || ' baris, dari ' || min(bad._row) {group} || ' sampai ' || max(bad._row) {group}
    end"""


def _comma(value: float) -> str:
    """Return a limit as the agency writes it, with a decimal comma."""
    return str(value).replace(".", ",")


def _texts(values: list[str]) -> str:
    return ", ".join(map(literal, values))
