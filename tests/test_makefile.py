"""What a person says to a verb reaches the command as it stands, and nothing in it is run: `python` here only notes it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from include.settings import ROOT

EVIL = "a 'b\" `touch PWN1` $(touch PWN2) $(shell touch PWN3) ${HOME} $500; touch PWN4 #"
NOTES = f"""#!{sys.executable}
import json, sys
with open("said.jsonl", "a") as stream:
    stream.write(json.dumps(sys.argv[1:]) + "\\n")
"""
VERBS = {
    "check": ["FILE"],
    "score": ["FILE", "OUT"],
    "dismiss": ["FILE", "WHY"],
    "quarantine": ["AGENCY", "DATASET"],
    "backfill": ["AGENCY", "DATASET", "FROM", "TO"],
    "explain": ["NUMBER", "OUT"],
    "believed": ["DATE"],
    "password": ["AGENCY"],
    "by-name": ["LIST", "DESA", "WEEK", "PURPOSE", "FOR"],
    "print": ["DESA", "ZONE"],
    "nightly": ["SIZE"],
    "linkage-sample": ["FILE"],
    "ordeal": ["PART"],
    "mutants": ["PART"],
    "airflow": ["DO"],
    "rotate-key": ["DATA"],
    "sql": ["BELIEVED"],
}
FLAGS = {"BELIEVED", "DATA", "DO"}  # whether they are said, or they go by the environment alone


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the Makefile, everything made that verbs wait for, and a `python` that only notes its words."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ROOT.glob("requirements*.txt"):
        (tmp_path / name.name).touch()
    (tmp_path / "include").mkdir()
    (tmp_path / "include" / "keys.py").touch()
    for folder in (".venv", ".venv-bench", ".venv-spark", ".venv-superset"):
        (tmp_path / folder / "bin").mkdir(parents=True)
        (tmp_path / folder / "done").touch()
    (tmp_path / "airflow.env").touch()
    (tmp_path / ".env").touch(mode=0o600)
    python = tmp_path / ".venv" / "bin" / "python"
    python.write_text(NOTES, encoding="utf-8")
    python.chmod(0o755)
    return tmp_path


def make(checkout: Path, *words: str, **said: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(checkout)} | said
    return subprocess.run(["make", *words], cwd=checkout, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("by", ["word", "environment"])
@pytest.mark.parametrize("verb", VERBS)
def test_nothing_that_is_said_is_run(checkout: Path, verb: str, by: str) -> None:
    said = dict.fromkeys(VERBS[verb], EVIL)
    if by == "word":
        done = make(checkout, verb, *(f"{name}={value}" for name, value in said.items()))
    else:
        done = make(checkout, verb, **said)
    assert done.returncode == 0, done.stderr
    commands = [json.loads(line) for line in (checkout / "said.jsonl").read_text(encoding="utf-8").splitlines()]
    assert commands[-1].count(EVIL) == sum(name not in FLAGS for name in said)
    assert list(checkout.glob("PWN*")) == []


@pytest.mark.parametrize("regency", ["../data", "..", "36.04; touch PWN1", "$(touch PWN2)", "`touch PWN3`"])
def test_clean_removes_nothing_for_what_is_no_code_of_a_regency(checkout: Path, regency: str) -> None:
    (checkout / "data" / "archive").mkdir(parents=True)
    done = make(checkout, "clean", f"REGENCY={regency}")
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "REGENCY is a code as 36.04.")
    assert (checkout / ".venv").exists()
    assert (checkout / "data" / "archive").exists()
    assert list(checkout.glob("PWN*")) == []


def test_clean_leaves_what_came_and_what_went_out(checkout: Path) -> None:
    stays = [
        checkout / "data" / name
        for name in ("landing/a.csv", "archive/a", "releases/r/a", "keyring.json", "36.73/archive/a")
    ]
    goes = [
        checkout / "data" / name
        for name in ("warehouse.duckdb", "warehouse.duckdb.wal", "dbt/a", "scratch/a", "36.73/dbt/a")
    ]
    for path in stays + goes:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert make(checkout, "clean").returncode == 0
    assert [path for path in stays if not path.exists()] == []
    assert [path for path in [*goes, checkout / ".venv"] if path.exists()] == []


def test_a_new_list_of_keys_is_looked_at_whatever_is_newer(checkout: Path) -> None:
    os.utime(checkout / "include" / "keys.py", (2**32, 2**32))
    assert make(checkout, "sql").returncode == 0
    said = [json.loads(line) for line in (checkout / "said.jsonl").read_text(encoding="utf-8").splitlines()]
    assert said[0] == ["-m", "include.keys"]


def test_keys_that_others_can_read_stop_every_verb(checkout: Path) -> None:
    (checkout / ".env").chmod(0o644)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    verbs = re.findall(r"^([a-z-]+): \.env", makefile, re.MULTILINE)
    assert len(verbs) > 20
    for verb in verbs:
        done = make(checkout, verb)
        assert done.returncode == 2, verb
        assert ".env can be read by others" in done.stderr, verb
    assert not (checkout / "said.jsonl").exists()
