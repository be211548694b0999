"""Makes a foreign text fit for a log or a terminal: names of files, sheets and columns come from outside."""

import re

_MOST_SIGNS = 120
_MAY_BE_A_NIK = re.compile("[0-9]{16,}")  # as in the mart data_quality


def visible(text: str, most: int = _MOST_SIGNS) -> str:
    """Return a text on one line, `escaped`, with stars for what may be a NIK.

    What is stored stays as it came; this is for what is printed, logged or told in a sentence.
    """
    shown = _MAY_BE_A_NIK.sub("*" * 16, escaped(text))
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def escaped(text: str) -> str:
    """Return a text whole, its signs that steer a terminal or do not print as their escapes, `\\n`, `\\x1b`."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
