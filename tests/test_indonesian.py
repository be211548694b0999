"""How figures, months and money are written for people in Indonesia."""

from datetime import date

import pytest

from include import indonesian


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0, 0, "0"),
        (1234, 0, "1.234"),
        (1234567.25, 2, "1.234.567,25"),
        (-3.06, 1, "-3,1"),
        (-0.04, 1, "0,0"),
        (None, 0, "–"),
    ],
)
def test_number(value: float | None, digits: int, text: str) -> None:
    assert indonesian.number(value, digits) == text


def test_percent_keeps_its_sign_on_the_line() -> None:
    assert indonesian.percent(25.34) == "25,3\u00a0%"
    assert indonesian.percent(100.0, 0) == "100\u00a0%"
    assert indonesian.percent(0) == "0,0\u00a0%"
    assert indonesian.percent(None) == "–"


def test_days() -> None:
    day = date(2026, 10, 1)
    assert indonesian.month(day) == "Oktober\u00a02026"
    assert indonesian.month_short(date(2026, 5, 1)) == "Mei\u00a02026"
    assert indonesian.quarter(date(2026, 9, 30)) == "Triwulan\u00a0III\u00a02026"
    assert indonesian.quarter(day) == "Triwulan\u00a0IV\u00a02026"
    assert indonesian.date(date(2026, 11, 24)) == "24\u00a0November\u00a02026"
    assert {indonesian.month(None), indonesian.month_short(None), indonesian.quarter(None), indonesian.date(None)} == {
        "–"
    }


@pytest.mark.parametrize(
    ("value", "full", "short"),
    [
        (1282600000, "Rp1.282.600.000", "Rp1,3\u00a0miliar"),
        (999_999_999, "Rp999.999.999", "Rp1,0\u00a0miliar"),
        (2_000_000, "Rp2.000.000", "Rp2,0\u00a0juta"),
        (-2_000_000, "-Rp2.000.000", "-Rp2,0\u00a0juta"),
        (34643.1, "Rp34.643", "Rp34.643"),
        (0, "Rp0", "Rp0"),
        (None, "–", "–"),
    ],
)
def test_rupiah(value: float | None, full: str, short: str) -> None:
    assert indonesian.rupiah(value) == full
    assert indonesian.rupiah_short(value) == short


def test_period() -> None:
    assert indonesian.period("2026-10") == "Oktober\u00a02026"
    assert indonesian.period("2026-Q3") == "Triwulan\u00a0III\u00a02026"
    assert [indonesian.period(text) for text in ("2026", "2026-13", "2026-Q5", "")] == [
        "2026",
        "2026-13",
        "2026-Q5",
        "",
    ]
