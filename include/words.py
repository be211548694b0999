"""The constraint words of the contracts, each with its one meaning in SQL, in Great Expectations and in words.

`fails` is true on a row that breaks the rule and never true on a missing value (but for `not_null`). dbt's
generic tests of the same names are its own (`not_null`, `unique`, `accepted_values`, `relationships`) or ours
(`dbt_project/tests/generic/`); a test feeds one dirty table to all three and asserts the same failing rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from include.contract import Dataset, Rule
from include.settings import SEEDS
from include.warehouse import literal

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation


@dataclass(frozen=True)
class Word:
    """`fails`: SQL of a row that breaks the rule. `reason`: for the agency. `native`: GX's own class, if any."""

    fails: Callable[[Rule], str]
    reason: Callable[[Rule], str]
    native: Callable[[Rule], tuple[str, dict[str, Any]]] | None = None


WORDS = {
    "not_null": Word(
        fails=lambda rule: f"{rule.column} is null",
        reason=lambda rule: "kosong; isi nilainya",
        native=lambda rule: ("ExpectColumnValuesToNotBeNull", {}),
    ),
    "unique": Word(
        # within one delivery: a file and its correction may come in the same night
        fails=lambda rule: (
            f"{rule.column} is not null and count(*) over (partition by _delivery_id, {rule.column}) > 1"
        ),
        reason=lambda rule: "muncul lebih dari sekali; harus satu baris saja",
    ),
    "accepted_values": Word(
        fails=lambda rule: f"{rule.column} not in ({_texts(rule.arguments['values'])})",
        reason=lambda rule: f"bukan salah satu dari {', '.join(rule.arguments['values'])}",
        native=lambda rule: ("ExpectColumnValuesToBeInSet", {"value_set": rule.arguments["values"]}),
    ),
    "in_range": Word(
        fails=lambda rule: f"{rule.column} not between {rule.arguments['min']} and {rule.arguments['max']}",
        reason=lambda rule: (
            f"di luar batas {rule.arguments['min']} sampai {rule.arguments['max']}; periksa satuan dan koma"
        ),
        native=lambda rule: (
            "ExpectColumnValuesToBeBetween",
            {"min_value": rule.arguments["min"], "max_value": rule.arguments["max"]},
        ),
    ),
    "matches": Word(
        fails=lambda rule: f"not regexp_matches({rule.column}, {literal(rule.arguments['pattern'])})",
        reason=lambda rule: f"bentuknya tidak sesuai {rule.arguments['pattern']}",
    ),
    "not_in_future": Word(
        fails=lambda rule: f"{rule.column} > current_date",
        reason=lambda rule: "tanggalnya belum terjadi; periksa tahun dan bulan",
    ),
    "relationships": Word(
        fails=lambda rule: (
            f"{rule.column} not in (select {rule.arguments['field']} from {_seed(rule)} "
            f"where {rule.arguments['field']} is not null)"
        ),
        reason=lambda rule: f"tidak ada dalam daftar {rule.seed}",
    ),
    "readable": Word(
        fails=lambda rule: f"list_contains(_unreadable, '{rule.column}')",
        reason=lambda rule: "tidak terbaca sebagai angka atau tanggal",
    ),
    "whole_row": Word(
        fails=lambda rule: "_line is not null",
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


def fails(rule: Rule) -> str:
    """Return the SQL condition of a row that breaks the rule."""
    return WORDS[rule.word].fails(rule)


def reason(rule: Rule) -> str:
    """Return what is wrong and what to do, in Indonesian, for the agency."""
    return WORDS[rule.word].reason(rule)


def expectation(rule: Rule) -> Expectation:
    """Return the rule as a Great Expectations expectation: GX's own where DuckDB can run it, else the same SQL."""
    import great_expectations.expectations as gxe  # costs seconds, so only where a gate runs

    common = {
        "severity": "critical" if rule.severity == "error" else "warning",
        "meta": {"rule": rule.name, "column": rule.column},
    }
    native = WORDS[rule.word].native
    if native is None:
        condition = fails(rule).replace("{", "{{").replace("}", "}}")
        query = f"select _row from (select _row, {condition} as is_bad from {{batch}}) where is_bad"
        return gxe.UnexpectedRowsExpectation(unexpected_rows_query=query, description=rule.name, **common)
    name, arguments = native(rule)
    return getattr(gxe, name)(column=rule.column, mostly=rule.mostly, **arguments, **common)


def _seed(rule: Rule) -> str:
    """SQL that reads the referenced seed's file: the first night has no seed table yet when its gate runs."""
    [path] = SEEDS.rglob(f"{rule.seed}.csv")
    return f"read_csv({literal(str(path))}, all_varchar = true)"


def _texts(values: list[str]) -> str:
    return ", ".join(map(literal, values))
