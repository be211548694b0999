"""Makes a foreign text fit for a log or a terminal: names of files, sheets and columns come from outside."""

_MOST_SIGNS = 120


def visible(text: str, most: int = _MOST_SIGNS) -> str:
    """Return a text on one line: signs that steer a terminal or do not print stand as their escapes, `\\n`, `\\x1b`.

    What is stored stays as it came; this is for what is printed, logged or told in a sentence.
    """
    shown = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"
