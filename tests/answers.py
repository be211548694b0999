"""`make answers`: writes the answers in docs/questions.md anew from the newest release, as `make sql` would give them."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from include.settings import CURRENT, ROOT
from include.sql import open_release

QUESTIONS = ROOT / "docs" / "questions.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ANSWER = re.compile(r"\n\n((?:\|.*\n)+)")
_ROUND = 10  # significant digits: sums of doubles differ in the last ones


@dataclass(frozen=True)
class Block:
    """A fenced block of a page; `answer` is the table right after it, empty where there is none."""

    language: str
    text: str
    answer: str
    end: int


def blocks(text: str, language: str) -> Iterator[Block]:
    """Yield the fenced blocks of one language in their order."""
    for found in _BLOCK.finditer(text):
        if found[1] == language:
            answer = _ANSWER.match(text, found.end())
            yield Block(language, found[2], answer[1] if answer else "", found.end())


def answer(con: duckdb.DuckDBPyConnection, query: str) -> str:
    """Return what a query finds as a Markdown table."""
    found = con.execute(query)
    names = [name for name, *_ in found.description or []]
    lines = [names, ["---"] * len(names), *([_cell(value) for value in row] for row in found.fetchall())]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return str(float(f"{value:.{_ROUND}g}"))
    return value.isoformat() if isinstance(value, date) else str(value)


def answered(text: str, con: duckdb.DuckDBPyConnection) -> str:
    """Return the page with each answer as the release gives it today."""
    for block in reversed(list(blocks(text, "sql"))):
        if block.answer:
            begin = block.end + 2
            text = text[:begin] + answer(con, block.text) + text[begin + len(block.answer) :]
    return text


def main(page: Path = QUESTIONS) -> int:
    """Write the page anew; return 1 when there is no release to ask."""
    if not CURRENT.exists():
        print("There is no release yet; run make nightly.")
        return 1
    before = page.read_text(encoding="utf-8")
    with open_release() as con:
        after = answered(before, con)
    page.write_text(after, encoding="utf-8")
    print(f"{page.name}: {'written anew' if after != before else 'as it was'}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
