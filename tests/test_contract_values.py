"""Whatever stands at a key of a contract, it is read or refused with the file's name: never a traceback."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from include import contract_links, contract_reader, contract_rules
from include.contract_checks import SQL_WORDS, ContractError, check_keys
from include.contract_reader import read_agencies
from include.settings import ROOT

# every key that a contract may have
WHOLE = yaml.safe_load("""
version: 2
sources:
  - name: utuh
    description: An agency.
    config: {meta: {owner: Tests, basis: none, schedule: "0 19 * * *"}}
    tables:
      - name: semua
        description: One row per fault.
        config:
          loaded_at_field: _received_at
          freshness: {warn_after: {count: 40, period: day}}
          meta:
            period: month
            key: [nama, _period]
            persons: {authority: 1, one_row_each: true}
            replaces: {scope: period, reason: the register is sent whole}
            tolerance: {bad_share: 0.5, reason: few rows}
            ignore: ["No"]
        columns:
          - name: nama
            data_type: varchar
            description: A name.
            config: {meta: {headers: [Nama], missing: ["-"], optional: true, link: name, pii: direct}}
            data_tests:
              - not_null
              - matches: {arguments: {pattern: "^[A-Z]"}}
              - accepted_values: {arguments: {values: [A, B]}, config: {severity: warn, meta: {mostly: 0.9}}}
              - relationships: {arguments: {to: ref('ref_desa'), field: desa_name}}
          - name: lahir
            data_type: date
            description: A day.
            config: {meta: {headers: [Lahir], link: born_on, pii: direct}}
          - name: kelamin
            data_type: varchar
            description: A sex.
            config: {meta: {headers: [JK], link: sex, pii: quasi}}
            data_tests: [known_desa: {arguments: {kecamatan: nama}}]
          - name: berat
            data_type: double
            description: A number.
            config: {meta: {headers: [Berat], pii: none}}
            data_tests:
              - in_range: {arguments: {min: 1, max: 58}, config: {meta: {may_be_true: true}}}
              - not_above: {arguments: {column: tinggi}}
              - once_per: {arguments: {columns: [nama, lahir]}}
          - name: tinggi
            data_type: double
            description: A number.
            config: {meta: {headers: [Tinggi], pii: none}}
""")
Place = tuple[str | int, ...]
PUT: dict[str, Any] = {
    "nothing": None,
    "a number": 3,
    "a text": "x",
    "true": True,
    "an empty list": [],
    "an empty map": {},
    "a list of lists": [[]],
    "a map of a list": {"x": []},
}
# where each of them is no fault; a text fits wherever one is written, and two keys take numbers above 1
FITS = {
    "nothing": {"freshness"},
    "a number": {"count", "authority", "min", "max"},
    "true": {"optional", "one_row_each", "may_be_true"},
    "an empty list": {"ignore", "missing"},
    "an empty map": {"meta", "config"},
}
TEXTS = {"name", "description", "owner", "basis", "reason", "headers", "missing", "ignore", "pattern", "values"}


def places(found: Any, place: Place = ()) -> Iterator[Place]:
    """All keys and entries of a document."""
    steps = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    for step, inner in steps:
        yield (*place, step)
        yield from places(inner, (*place, step))


def read(folder: Path, document: Any) -> list[Any]:
    file = folder / "utuh" / "_utuh__sources.yml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return read_agencies(folder)


def refusal(folder: Path, document: Any) -> str | None:
    try:
        read(folder, document)
    except ContractError as error:
        return str(error)
    return None


@pytest.mark.parametrize("place", list(places(WHOLE)), ids=lambda place: ".".join(map(str, place)))
def test_what_does_not_fit_a_key_is_refused_with_the_name_of_the_file(tmp_path: Path, place: Place) -> None:
    *above, last = place
    key = next(step for step in reversed(place) if isinstance(step, str))
    is_word = len(place) > 1 and place[-2] == "data_tests"
    for kind, value in PUT.items():
        document = copy.deepcopy(WHOLE)
        holder = document
        for step in above:
            holder = holder[step]
        holder[last] = value
        said = refusal(tmp_path, document)
        fits = not is_word and key in (TEXTS if kind == "a text" else FITS.get(kind, set()))
        assert fits if said is None else said.startswith("_utuh__sources.yml") and said.endswith("."), (kind, said)


@pytest.mark.parametrize("place", list(places(WHOLE)), ids=lambda place: ".".join(map(str, place)))
def test_a_key_too_many_or_mistyped_is_refused(tmp_path: Path, place: Place) -> None:
    *above, last = place
    if not isinstance(last, str):
        return
    document = copy.deepcopy(WHOLE)
    holder = document
    for step in above:
        holder = holder[step]
    holder[f"{last}s"] = holder.pop(last)
    with pytest.raises(ContractError, match=r"^_utuh__sources\.yml.*unknown"):
        read(tmp_path, document)


def test_the_whole_contract_is_read_and_has_every_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known: set[str] = set()

    def note(found: Any, where: str, needed: set[str], allowed: Any = ()) -> None:
        known.update(needed, allowed)
        check_keys(found, where, needed, allowed)

    for module in (contract_reader, contract_rules, contract_links):
        monkeypatch.setattr(module, "check_keys", note)
    assert [agency.name for agency in read(tmp_path, WHOLE)] == ["utuh"]
    assert known == {step for place in places(WHOLE) for step in place if isinstance(step, str)} - {
        *contract_rules.ARGUMENTS
    }


def test_every_key_and_word_is_explained() -> None:
    told = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
    keys = {step for place in places(WHOLE) for step in place if isinstance(step, str)} | {*contract_rules.ARGUMENTS}
    assert [key for key in sorted(keys) if f"`{key}`" not in told] == []


def test_the_words_of_sql_are_those_of_duckdb() -> None:
    kinds = "keyword_category in ('reserved', 'type_function')"
    words = duckdb.sql(f"select keyword_name from duckdb_keywords() where {kinds}").fetchall()
    assert {word for (word,) in words} == SQL_WORDS
