"""What marts and records say in one language alone, in both: `english.csv`, one row a text.

A text may have places `{1}`, `{2}`; what stands there is carried over as it is. A text that the list does not know stays
as it is in both languages.
"""

import csv
import re
from functools import cache
from pathlib import Path

from include.indonesian import MONTHS, SHORT_MONTHS

TEXTS = Path(__file__).parent / "english.csv"
# How marts and the gate put texts together; a text as a whole comes first.
_JOINTS = ("; ", ": ")

_ENGLISH_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WORDS = {
    **dict(zip(MONTHS, _ENGLISH_MONTHS, strict=True)),
    **{name: english[:3] for name, english in zip(SHORT_MONTHS, _ENGLISH_MONTHS, strict=True)},
    "Triwulan": "Quarter",
    "juta": "million",
    "miliar": "billion",
    "triliun": "trillion",
}
_FIGURE = re.compile(r"(?<![\w.,])(\d{1,3}(,\d{3})+(\.\d+)?|\d+\.\d+)(?![.,]?\w)")

Pair = tuple[str, str]


def translate(text: str) -> Pair:
    """Return a text in Indonesian and in English, whichever of the two it is in."""
    words, values = template(text)
    if words != (text, text):
        return fill(words[0], values), fill(words[1], values)
    for joint in _JOINTS:
        if joint in text:
            parts = [translate(part) for part in text.split(joint)]
            return joint.join(part[0] for part in parts), joint.join(part[1] for part in parts)
    return text, text


def in_english(text: str) -> str:
    """Return a month, a quarter, a day or an amount of money, written in Indonesian, with its words in English."""
    return re.sub(r"[A-Za-z]+", lambda word: _WORDS.get(word[0], word[0]), text)


def in_indonesian(text: str) -> str:
    """Return a text with its figures as people in Indonesia write them: 1.845, 91,0 %; a code stays whole."""
    swapped = _FIGURE.sub(lambda found: found[0].translate(str.maketrans(",.", ".,")), text)
    return re.sub(r"(?<=\d) ?%", "\u00a0%", swapped)


def template(text: str) -> tuple[Pair, tuple[str, ...]]:
    """Return the row of the list that a text is made of, and what stands in its places."""
    whole, patterns = _rows()
    if text in whole:
        return whole[text], ()
    for pattern, pair in patterns:
        if found := pattern.fullmatch(text):
            return pair, found.groups()
    return (text, text), ()


def fill(words: str, values: tuple[str, ...]) -> str:
    """Put values into the places of a row."""
    return re.sub(r"\{(\d)\}", lambda place: values[int(place[1]) - 1], words) if values else words


@cache
def _rows() -> tuple[dict[str, Pair], list[tuple[re.Pattern[str], Pair]]]:
    """Return the texts without places by each of their languages, and those with places as patterns."""
    with TEXTS.open(encoding="utf-8", newline="") as stream:
        pairs = [(row["indonesian"], row["english"]) for row in csv.DictReader(stream)]
    whole = {text: pair for pair in reversed(pairs) for text in reversed(pair) if "{" not in text}
    return whole, [(_pattern(text), pair) for pair in pairs for text in pair if "{" in text]


def _pattern(text: str) -> re.Pattern[str]:
    # no place reaches over a joint: two faults of one file are two texts
    return re.compile(re.sub(r"\\\{\d\\\}", "((?:(?!; ).)+?)", re.escape(text)), re.DOTALL)
