"""Says what was likely meant by a word that is not known."""

from collections.abc import Iterable
from difflib import get_close_matches

MOST_NAMED = 40


def known_or_nearest(word: str, known: Iterable[str]) -> str:
    """Return the nearest known words, or all of them when none is near."""
    words = list(known)
    near = get_close_matches(word.lower(), words, n=3, cutoff=0.6)
    return f"nearest: {', '.join(near)}" if near else f"known: {', '.join(words[:MOST_NAMED])}"
