"""The checks that reading a contract is made of: each takes what stands there and where, and returns it or raises."""

from collections.abc import Iterable
from typing import Any

from include.problem import Problem


class ContractError(Problem):
    """A contract says something that cannot be understood; the message names file and place."""


def number(found: Any, where: str) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise ContractError(f"{where}: must be a number, not {found!r}.")
    return found


def share(found: Any, where: str) -> float:
    if not 0 <= number(found, where) <= 1:
        raise ContractError(f"{where}: must be a share between 0 and 1, not {found}.")
    return float(found)


def text(found: Any, where: str) -> str:
    if not isinstance(found, str) or not found.strip():
        raise ContractError(f"{where}: must be a text, not {found!r}.")
    return found


def texts(found: Any, where: str, at_least: int = 0) -> tuple[str, ...]:
    if not isinstance(found, list) or len(found) < at_least:
        raise ContractError(f"{where}: must be a list of texts, not {found!r}.")
    return tuple(text(one, f"{where} (put it in quotes)") for one in found)


def check_keys(found: Any, where: str, needed: set[str], allowed: Iterable[str] = ()) -> None:
    if not isinstance(found, dict):
        raise ContractError(f"{where}: must have the keys {', '.join(sorted(needed))}, not {found!r}.")
    if missing := needed - found.keys():
        raise ContractError(f"{where}: {', '.join(sorted(missing))} is missing.")
    if unknown := found.keys() - needed - set(allowed):
        known = ", ".join(sorted(needed | set(allowed)))
        raise ContractError(f"{where}: unknown key {', '.join(sorted(unknown))}; known are {known}.")


def check_word(word: str, known: Iterable[str], where: str) -> None:
    if word not in known:
        raise ContractError(f"{where}: unknown word {word}; known are {', '.join(sorted(known))}.")


def check_distinct(names: list[str], where: str) -> None:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ContractError(f"{where}: {', '.join(twice)} stands there twice.")
