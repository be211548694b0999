"""The checks that reading a contract is made of: each takes what stands there and where, and returns it or raises."""

import math
import re
from collections.abc import Iterable
from typing import Any

from include.nearest import known_or_nearest
from include.problem import Problem

# What DuckDB takes for its own where a name stands unquoted: duckdb_keywords() of the kinds reserved and type_function.
# They are listed, as a DAG file has no time to load DuckDB.
_SQL = """
    all analyse analyze and anti any array as asc asof asymmetric at authorization binary both by case cast
    check collate collation column columns concurrently constraint create cross default deferrable desc
    describe distinct do else end except false fetch for foreign freeze from full generated glob group
    having ilike in initially inner intersect into is isnull join lambda lateral leading left like limit map
    natural not notnull null offset on only or order outer overlaps pivot pivot_longer pivot_wider placing
    positional primary qualify references returning right select semi show similar some struct summarize
    symmetric table tablesample then to trailing true try_cast union unique unpack unpivot using variadic
    verbose when where window with
"""
SQL_WORDS = frozenset(_SQL.split())


class ContractError(Problem):
    """A contract says something that cannot be understood; the message names file and place."""


def number(found: Any, where: str) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        raise ContractError(f"{where}: must be a number, not {_shown(found)}.")
    return found


def whole_number(found: Any, where: str) -> int:
    """Counts and ranks begin with 1."""
    if isinstance(found, bool) or not isinstance(found, int) or found < 1:
        raise ContractError(f"{where}: must be a whole number from 1, not {_shown(found)}.")
    return found


def share(found: Any, where: str) -> float:
    if not 0 <= number(found, where) <= 1:
        raise ContractError(f"{where}: must be a share between 0 and 1, not {found}.")
    return float(found)


def truth(found: Any, where: str) -> bool:
    """YAML knows true and false; `"no"` and `tidak` are texts, and a text would count as true."""
    if not isinstance(found, bool):
        raise ContractError(f"{where}: must be true or false, not {_shown(found)}.")
    return found


def text(found: Any, where: str) -> str:
    if not isinstance(found, str) or not found.strip():
        raise ContractError(f"{where}: must be a text, not {_shown(found)}.")
    return found


def sql_name(found: Any, where: str) -> str:
    """Sources, tables and columns stand in SQL as they are called, without quotes."""
    if not re.fullmatch("[a-z][a-z0-9_]*", text(found, where)):
        raise ContractError(f"{where}: {found!r} must have small letters, digits and _ only, and begin with a letter.")
    if found in SQL_WORDS:
        raise ContractError(f"{where}: {found} is a word of SQL; call it otherwise, for example {found}_no.")
    return found


def texts(found: Any, where: str, at_least: int = 0) -> tuple[str, ...]:
    if not isinstance(found, list) or len(found) < at_least:
        raise ContractError(f"{where}: must be a list of texts, not {_shown(found)}.")
    return tuple(text(one, f"{where} (put it in quotes)") for one in found)


def entries(found: Any, where: str) -> list[Any]:
    if not isinstance(found, list) or not found:
        raise ContractError(f"{where}: must be a list, each entry begun with a dash, not {_shown(found)}.")
    return found


def place_of(entry: Any, kind: str, number: int, where: str) -> str:
    """Return where an entry of a list stands: by its name, by its number when it has none."""
    name = entry.get("name") if isinstance(entry, dict) else None
    return f"{where}, {kind} {name if isinstance(name, str) and name else f'number {number}'}"


def check_keys(found: Any, where: str, needed: set[str], allowed: Iterable[str] = ()) -> None:
    known = sorted(needed | set(allowed))
    if not isinstance(found, dict):
        keys = f"the keys {', '.join(known)}" if known else "no keys, {}"
        raise ContractError(f"{where}: must have {keys}, not {_shown(found)}.")
    absent = sorted(needed - found.keys())
    complaints = [f"{', '.join(absent)} {'is' if len(absent) == 1 else 'are'} missing"] if absent else []
    for key in found:
        if key not in known:
            complaints.append(f"{key} is unknown, {known_or_nearest(str(key), known) if known else 'leave it out'}")
    if complaints:
        raise ContractError(f"{where}: {'; '.join(complaints)}.")


def check_word(word: Any, known: Iterable[str], where: str) -> None:
    words = sorted(known)
    if text(word, where) not in words:
        raise ContractError(f"{where}: unknown word {word}; {known_or_nearest(word, words)}.")


def check_distinct(names: Iterable[str], where: str) -> None:
    names = list(names)
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ContractError(f"{where}: {', '.join(twice)} stands there twice.")


def _shown(found: Any) -> str:
    """A map or a list may be half a contract, so only its kind is told."""
    if isinstance(found, dict | list):
        return f"{'a' if found else 'an empty'} {'map' if isinstance(found, dict) else 'list'}"
    return "nothing" if found is None else repr(found)
