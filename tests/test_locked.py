"""Workbooks that only their agency can open."""

import io
from pathlib import Path

import pytest
import xlsxwriter

from include import locked
from include.locked import lock, unlock

FIXTURE = Path(__file__).parent / "fixtures" / "password_is_rahasia.xlsx"


def workbook(rows: int = 3) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for row in range(rows):
            page.write_string(row, 0, f"sel {row}")
    return content.getvalue()


def test_the_right_password_opens_it_and_no_other() -> None:
    content = workbook()
    locked_workbook = lock(content, "kata-sandi")
    assert unlock(locked_workbook, "kata-sandi") == content
    assert unlock(locked_workbook, "kata-sandu") is None
    assert b"xl/worksheets" not in locked_workbook


def test_a_workbook_that_excel_locked_opens() -> None:
    opened = unlock(FIXTURE.read_bytes(), "rahasia")
    assert opened
    assert opened.startswith(b"PK")
    assert unlock(FIXTURE.read_bytes(), "") is None


@pytest.mark.parametrize("broken", [b"", b"text", workbook(), lock(workbook(), "x")[:3000], b"\xd0\xcf\x11\xe0" * 200])
def test_what_is_no_locked_workbook_opens_with_no_password(broken: bytes) -> None:
    assert unlock(broken, "x") is None


def test_more_rounds_of_hashing_than_any_spreadsheet_asks_for_are_not_done(monkeypatch: pytest.MonkeyPatch) -> None:
    locked_workbook = lock(workbook(), "x")
    monkeypatch.setattr(locked, "_MOST_SPINS", 99_999)
    assert unlock(locked_workbook, "x") is None


@pytest.mark.parametrize(("content", "password"), [(b"PK", "x"), (workbook(), "")])
def test_what_could_not_be_opened_again_is_not_locked(content: bytes, password: str) -> None:
    with pytest.raises(ValueError, match="4,096 bytes, and a password"):
        lock(content, password)
