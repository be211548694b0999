"""Each package that a requirements file asks for says in its line why; the pins that are made of it name no registry."""

import re
from pathlib import Path

import pytest

from include.settings import ROOT

ASKED = sorted(ROOT.glob("requirements*.in"))
PINNED = sorted(ROOT.glob("requirements*.txt"))


@pytest.mark.parametrize("file", ASKED, ids=lambda path: path.name)
def test_each_package_has_its_reason(file: Path) -> None:
    lines = [
        line for line in file.read_text(encoding="utf-8").splitlines() if line and not line.startswith(("#", "-r "))
    ]
    assert lines
    assert [line for line in lines if not re.search(r"\S  # \S", line)] == []


@pytest.mark.parametrize("file", PINNED, ids=lambda path: path.name)
def test_each_pin_is_hashed_and_names_no_registry(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert "://" not in text
    pins = re.split(r"\n(?=\S)", text)
    assert [pin.split(" ")[0] for pin in pins if pin.strip() and "--hash=sha256:" not in pin] == []
