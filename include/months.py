"""The months of a course of figures."""

from collections.abc import Iterable
from datetime import date


def through(months: Iterable[date]) -> list[date]:
    """Return every month from the first to the last: one that nobody delivered keeps its place, and has no figure."""
    numbers = [12 * month.year + month.month - 1 for month in months]
    return [
        date(number // 12, number % 12 + 1, 1)
        for number in range(min(numbers, default=0), max(numbers, default=-1) + 1)
    ]
