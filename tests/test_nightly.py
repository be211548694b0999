"""When `make nightly` invents a regency, and what it says where it does not."""

import secrets
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from include import nightly, room, settings, standing, storage
from include.contract_checks import ContractError
from include.keys import PSEUDONYM_KEY
from include.problem import Problem


class Begun(Exception):
    """The night has come as far as its room."""


@pytest.fixture
def invented(data: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sizes that were written; the folder of the data is not there yet, and a night ends where it begins."""
    sizes: list[str] = []
    for name in ("INSTALLATION", "DATA"):
        monkeypatch.setattr(settings, name, data / "data")
    monkeypatch.setattr(settings, "LANDING", data / "data" / "landing")
    monkeypatch.setenv(PSEUDONYM_KEY, secrets.token_hex(32))
    monkeypatch.setenv("AIRFLOW_HOME", str(data / "airflow"))
    monkeypatch.delenv("TEGAK_REGENCIES", raising=False)
    monkeypatch.delenv(storage.LANDING, raising=False)

    def generate(command: list[str], **_: Any) -> SimpleNamespace:
        sizes.append(command[command.index("--size") + 1])
        for place in (settings.INVENTED, settings.LANDING / "dinkes"):
            place.mkdir(parents=True, exist_ok=True)
        files = "path,fault\ndinkes/good.csv,\ndinkes/bad.csv,wrong_header\n"
        (settings.INVENTED / "files.csv").write_text(files, encoding="utf-8")
        (settings.LANDING / "dinkes" / "bad.csv").write_text("no;header\n", encoding="utf-8")
        return SimpleNamespace(returncode=0)

    def begin() -> None:
        raise Begun

    monkeypatch.setattr(nightly.subprocess, "run", generate)
    monkeypatch.setattr(room, "check", begin)
    return sizes


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int | None:
    """Return the code of a night that ended by itself, None when it began."""
    monkeypatch.setattr("sys.argv", ["nightly", *words])
    try:
        return nightly.main()
    except Begun:
        return None


def test_a_fresh_clone_is_tried_with_an_invented_regency(invented: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch) is None
    assert invented == ["small"]
    assert (settings.INVENTED / "coba" / "dinkes" / "bad.csv").read_text(encoding="utf-8") == "no;header\n"


@pytest.mark.parametrize("there", ["data", "data/landing", "data/landing/dinkes/penimbangan"])
def test_where_something_was_set_up_nothing_is_invented(
    invented: list[str], data: Path, there: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / there).mkdir(parents=True)
    assert run(monkeypatch) == 0
    assert invented == []
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith("Nothing was delivered yet, so nothing is published: put files into ")
    assert said.endswith("or say SIZE=small to try an invented regency.")
    assert not settings.RELEASES.exists()


def test_a_regency_that_was_named_waits_for_true_deliveries(
    invented: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEGAK_REGENCIES", "36.04")
    assert run(monkeypatch) == 0
    assert invented == []


def test_who_says_a_size_gets_it(invented: list[str], data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.LANDING.mkdir(parents=True)
    with pytest.raises(Problem, match=r"There is no SIZE=smal; nearest: small\."):
        run(monkeypatch, "--size", "smal")
    assert run(monkeypatch, "--size", "tiny") is None
    assert invented == ["tiny"]


def test_nothing_is_invented_over_a_delivery(invented: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = settings.LANDING / "dinkes" / "penimbangan" / "2026-10" / "export"  # no ending
    waiting.parent.mkdir(parents=True)
    waiting.write_text("x", encoding="utf-8")
    assert run(monkeypatch, "--size", "tiny") is None
    assert invented == []


def test_a_misspelt_folder_is_no_delivery_and_told(
    invented: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waiting = settings.LANDING / "dinkes" / "penimbangn" / "2026-10" / "a.csv"
    waiting.parent.mkdir(parents=True)
    waiting.write_text("x", encoding="utf-8")
    assert run(monkeypatch) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith(
        "misplaced: landing/dinkes/penimbangn: no dataset takes what lies there: 2026-10/a.csv; move it"
    )
    assert "nearest: dinkes/penimbangan" in said
    assert "Nothing was delivered yet" in said


def test_a_broken_contract_is_the_one_thing_said(
    invented: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def read() -> None:
        raise ContractError("dinkes: no column")

    monkeypatch.setattr(standing, "read_agencies", read)
    with pytest.raises(Problem, match="dinkes: no column"):
        run(monkeypatch)
    assert capsys.readouterr().out == ""
    assert invented == []


def test_a_night_ends_as_the_invention_of_its_regency_failed(
    invented: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nightly.subprocess, "run", lambda command, **_: SimpleNamespace(returncode=2))
    assert run(monkeypatch, "--size", "tiny") == 2
