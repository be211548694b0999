"""What a contract is: an agency, its datasets, their columns and rules. `contract_reader.py` reads them."""

import re
from dataclasses import dataclass
from typing import Any

# how the folder of a delivery's period is named
PERIODS = {"month": r"\d{4}-(0[1-9]|1[0-2])", "quarter": r"\d{4}-Q[1-4]", "year": r"\d{4}"}


@dataclass(frozen=True)
class Rule:
    """One constraint word on a column. A `warn` rule is counted, only an `error` rule quarantines.

    `may_be_true`: what breaks it is unusual, not impossible, so the agency's word overrules it.
    """

    word: str
    column: str
    arguments: dict[str, Any]
    severity: str
    mostly: float
    may_be_true: bool = False

    @property
    def name(self) -> str:
        return f"{self.column}.{self.word}"

    @property
    def seed(self) -> str:
        """The seed that a `relationships` rule refers to."""
        return re.sub(r"^ref\('(.*)'\)$", r"\1", self.arguments["to"])


@dataclass(frozen=True)
class Column:
    """One column: the agencies' `headers` for it, its type, the texts that mean missing, what it is to linkage."""

    name: str
    data_type: str
    description: str
    headers: tuple[str, ...]
    optional: bool
    missing: tuple[str, ...]
    pii: str
    link: str | None
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Persons:
    """What a feed of persons is worth: authority 1 is believed first on who someone is."""

    authority: int
    one_row_each: bool


@dataclass(frozen=True)
class Dataset:
    """One kind of delivery of an agency. No `late_after_days`: it comes when it comes. No `persons`: none are named.

    `is_whole`: a delivery is the whole of its period, so what it lacks is gone.
    """

    agency: str
    name: str
    description: str
    period: str
    key: tuple[str, ...]
    max_bad_share: float
    late_after_days: int | None
    ignore: tuple[str, ...]
    persons: Persons | None
    is_whole: bool
    columns: tuple[Column, ...]

    @property
    def raw_table(self) -> str:
        return f"raw.{self.agency}__{self.name}"

    @property
    def table(self) -> str:
        return f"{self.agency}.{self.name}"

    @property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(rule for column in self.columns for rule in column.rules)

    def header(self, column: str) -> str:
        """Return what an agency calls a column, its first header; a file may have another of them.

        `_line` is the whole row, `_decision` the agency's word on it.
        """
        names = {known.name: known.headers[0] for known in self.columns} | {"_decision": "Keputusan"}
        return names.get(column, "seluruh baris")

    def columns_of_type(self, data_type: str) -> list[str]:
        return [column.name for column in self.columns if column.data_type == data_type]


@dataclass(frozen=True)
class Agency:
    """One agency (OPD): who answers for its data, on which legal basis, and when it is read."""

    name: str
    description: str
    owner: str
    basis: str
    schedule: str
    datasets: tuple[Dataset, ...]
