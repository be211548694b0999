"""Every command answers what it cannot do in one form: a sentence on stderr, no traceback, code 2, nothing written."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from include.problem import Problem, exit_code
from include.settings import ROOT

KEYS = {"TEGAK_PRIVATE_KEY": "0" * 64, "TEGAK_PSEUDONYM_KEY": "0" * 64}
NOT_YET = "There is no working database warehouse.duckdb yet; run make nightly."
NO_RELEASE = "There is no release yet; run make nightly."
ASKED = {
    "nightly --size huge": "There is no SIZE=huge; known: tiny, small, regency.",
    "status": NOT_YET,
    "quarantine": NOT_YET,
    "quarantine --agency dinke": "There is no agency 'dinke'; nearest: dinkes, ",
    "explain stunting_by_desa 36.04 2026-10 stunted": NOT_YET,
    "believed 2026-03-01": NOT_YET,
    "believed march": "Say which day: make believed DATE=2026-03-01.",
    "check nothing.csv": "Say which: make check FILE=",
    "check /etc/hostname": "Say which: make check FILE=",
    "read_again": "Say which agency; known: bappeda, ",
    "read_again --agency dinkes --from 2026-03 --to 2026-04": "Nothing of dinkes was delivered for 2026-03 to 2026-04.",
    "sql": NO_RELEASE,
    "score": "Say what to score, and where the scores go: make score FILE=in.csv OUT=out.csv.",
    "score none.csv out.csv": "none.csv: there is no such file; check its name.",
    "password ''": "Say whose: make password AGENCY=dinkes.",
    "password dinke": "There is no agency 'dinke'; nearest: dinkes, ",
    "byname visit_list 36.04.11.2003": "Say what the list is for, in 10 letters or more",
    "byname stunting 36.04.11.2003 --purpose kunjungan-bulanan": "LIST is ",
    "prints.profiles": NO_RELEASE,
    "prints.profiles --zone secret": "There is no zone secret; ZONE is one of task_force, public.",  # pragma: allowlist secret
    "linkage.sample": NO_RELEASE,
    "move_in": "There is one regency: name the second one in TEGAK_REGENCIES of .env first.",
}


@pytest.mark.parametrize("asked", ASKED)
def test_what_cannot_be_done_is_one_sentence_on_stderr(tmp_path: Path, asked: str) -> None:
    module, *words = ["" if word == "''" else word for word in asked.split()]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TEGAK", "AIRFLOW"))}
    environment |= KEYS | {"TEGAK_DATA": str(tmp_path / "data"), "PYTHONPATH": str(ROOT)}
    environment["AIRFLOW_HOME"] = str(tmp_path / "airflow_home")
    done = subprocess.run(
        [sys.executable, "-m", f"include.{module}", *words],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.startswith(ASKED[asked])
    assert done.stderr.count("\n") == 1
    left = [path for path in tmp_path.rglob("*") if path.is_file() and "scratch" not in path.parts]
    assert left == [], "nothing is written"


def test_every_command_ends_in_that_form() -> None:
    """A module that `make` runs has no other way to end."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    modules = set(re.findall(r"\((?:RUN|ONE|LAB)\) (include\.[\w.]+)|-m (include\.[\w.]+)", makefile))
    files = [ROOT / f"{''.join(names).replace('.', '/')}.py" for names in modules]
    files = [file if file.exists() else file.with_suffix("") / "__main__.py" for file in files]
    assert len(files) > 20
    for file in files:
        assert re.search(r'^if __name__ == "__main__":\n    run\(', file.read_text(encoding="utf-8"), re.MULTILINE), (
            file
        )


@pytest.mark.parametrize(("returned", "code"), [(0, 0), (None, 0), (1, 1)])
def test_a_command_that_was_done_ends_with_its_own_code(returned: int | None, code: int) -> None:
    assert exit_code(lambda: returned) == code


def test_an_error_of_ours_is_not_hidden() -> None:
    """Only what a person can mend is told without its traceback."""

    def broken() -> int:
        raise KeyError("a fault of the code")

    def asked_wrongly() -> int:
        raise Problem("Say which.")

    with pytest.raises(KeyError):
        exit_code(broken)
    assert exit_code(asked_wrongly) == 2
