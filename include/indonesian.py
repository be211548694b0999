"""Numbers, months and money as people in Indonesia write them: 1.234, 25,3 %, Oktober 2026, Rp1,3 miliar.

None is what nobody knows and gives `UNKNOWN`, never 0. A space inside a figure does not break at a line's end.
"""

from datetime import date as Date

UNKNOWN = "–"
HIDDEN = "•"
"""The sign for a figure that exists and is not published; it is never the sign for what is unknown, nor for 0."""

MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)
SHORT_MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")
_QUARTERS = ("I", "II", "III", "IV")
_LARGE = ((10**12, "triliun"), (10**9, "miliar"), (10**6, "juta"))
_NO_BREAK = "\u00a0"


def number(value: float | None, digits: int = 0) -> str:
    """Return a number with `digits` decimals, a comma before them and points between thousands."""
    if value is None:
        return UNKNOWN
    text = f"{value:,.{digits}f}".translate(str.maketrans(",.", ".,"))
    return text.removeprefix("-") if not any(digit in text for digit in "123456789") else text


def percent(value: float | None, digits: int = 1) -> str:
    """Return a percentage (25.3 for a quarter and a bit) with its sign."""
    return UNKNOWN if value is None else f"{number(value, digits)}{_NO_BREAK}%"


def percent_as_set(value: float | None) -> str:
    """Return a target or limit with as many decimals as it was set with: 14 %, 18,5 %."""
    return percent(value, 0 if value is None or value == round(value) else 1)


def month(day: Date | None) -> str:
    """Return the month of a day: Oktober 2026."""
    return UNKNOWN if day is None else f"{MONTHS[day.month - 1]}{_NO_BREAK}{day.year}"


def month_short(day: Date | None) -> str:
    """Return the month of a day in short: Okt 2026."""
    return UNKNOWN if day is None else f"{SHORT_MONTHS[day.month - 1]}{_NO_BREAK}{day.year}"


def quarter(day: Date | None) -> str:
    """Return the quarter of a day: Triwulan III 2026."""
    return UNKNOWN if day is None else f"Triwulan{_NO_BREAK}{_QUARTERS[(day.month - 1) // 3]}{_NO_BREAK}{day.year}"


def date(day: Date | None) -> str:
    """Return a day: 24 November 2026."""
    return UNKNOWN if day is None else f"{day.day}{_NO_BREAK}{month(day)}"


def rupiah(value: float | None) -> str:
    """Return an amount in full: Rp1.282.600.000."""
    if value is None:
        return UNKNOWN
    return f"{'-' if value < 0 else ''}Rp{number(abs(value))}"


def rupiah_short(value: float | None) -> str:
    """Return an amount in words of its size: Rp1,3 miliar; under a million in full."""
    for size, word in _LARGE:
        # what would be rounded to 1.000 of a word belongs to the next larger one
        if value is not None and abs(value) >= size * (1 - 0.5 / 10**4):
            return f"{'-' if value < 0 else ''}Rp{number(abs(value) / size, 1)}{_NO_BREAK}{word}"
    return rupiah(value)


def period(text: str) -> str:
    """Return a delivery's period in words: 2026-10 is Oktober 2026, 2026-Q3 Triwulan III 2026, 2026 itself."""
    year, _, rest = text.partition("-")
    if rest.startswith("Q") and rest[1:] in {"1", "2", "3", "4"}:
        return quarter(Date(int(year), 3 * int(rest[1:]), 1))
    if rest.isdigit() and 1 <= int(rest) <= 12:
        return month(Date(int(year), int(rest), 1))
    return text
