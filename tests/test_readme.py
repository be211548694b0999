"""What README and docs say is so: each command, path and setting exists, each query runs and has the columns shown."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pytest

from include.settings import ROOT
from include.sql import LOCKED
from tests.answers import answered, blocks
from tests.night import Night, own_keys

README = ROOT / "README.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
SAID = set(re.findall(r"[A-Z]+", re.findall(r"SAID := ((?:.*\\\n)*.*)", MAKEFILE)[0]))
BY_ENVIRONMENT = {"sql": {"REGENCY", "ZONE", "BELIEVED"}, "nightly": {"REGENCY", "SIZE"}}
VERBS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
# a path that begins in dbt_project/ and leaves that out is one of ours too, and wrong
TOP = {path.name for top in (ROOT, ROOT / "dbt_project") for path in top.iterdir() if not path.name.startswith(".")}
MADE = ("data/", "airflow_home/")  # on the first run
# from one of our processes to the one that it starts: nobody sets them
HANDED_ON = {"TEGAK_SCRATCH", "TEGAK_WAREHOUSE", "TEGAK_SUPERSET_HOME", "TEGAK_SUPERSET_BIND", "TEGAK_SPARK_VENV"}
SQL = [block for page in PAGES for block in blocks(page.read_text(encoding="utf-8"), "sql")]
SHELL = [
    line
    for page in PAGES
    for block in blocks(page.read_text(encoding="utf-8"), "sh")
    for line in block.text.splitlines()
]
RUN_ELSEWHERE = {"make nightly", "make test"}  # by .ci/run


def spans(page: Path) -> list[str]:
    """Return the page's words in code type, and its indented or fenced lines."""
    text = page.read_text(encoding="utf-8")
    return re.findall(r"`([^`\n]+)`", text) + re.findall(r"^(?: {4}|)(make [^\n`]+)$", text, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_verb_of_make_exists_and_takes_what_is_shown(page):
    for span in spans(page):
        for verb, rest in re.findall(r"\bmake ([a-z][a-z-]*)((?: +[A-Z]+=(?:\"[^\"]*\"|\S*))*)", span):
            assert verb in VERBS, span
            [rule] = re.findall(rf"^{verb}:.*\n(?:\t.*\n)*", f"{MAKEFILE}\n", re.MULTILINE)
            for name in re.findall(r" ([A-Z]+)=", rest):
                assert name in SAID, span
                assert name in re.findall("[A-Z]+", rule) or name in BY_ENVIRONMENT.get(verb, {"REGENCY"}), span


def test_every_verb_of_make_is_told():
    told = " ".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert [verb for verb in sorted(VERBS) if not re.search(rf"make {verb}\b", told)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_exists(page):
    paths = [
        span for span in spans(page) if re.fullmatch(r"[\w./-]+", span) and "/" in span and not span.startswith(MADE)
    ]
    ours = [path for path in paths if path.split("/")[0] in TOP]
    assert [path for path in ours if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_and_picture_linked_to_exists(page):
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("query", SQL, ids=lambda block: block.text.split("\n")[0][:60])
def test_every_query_runs_and_has_the_columns_shown(night: Night, query):
    if "_known_from" in query.text:  # of the working database
        with night.warehouse() as con:
            assert con.execute(query.text.replace("2026-03-01", "2100-01-01")).fetchall()  # all of it came today
        return
    with duckdb.connect(str(night.task_force() / "tegak.duckdb"), read_only=True, config=LOCKED) as con:
        if not query.answer:
            assert con.execute(query.text).fetchall()
            return
        again = answered(f"```sql\n{query.text}```\n\n{query.answer}", con)
    [now] = blocks(again, "sql")
    assert now.answer.splitlines()[0] == query.answer.splitlines()[0]
    assert len(now.answer.splitlines()) > 2


@pytest.mark.parametrize("line", [line for line in SHELL if line not in RUN_ELSEWHERE])
def test_every_command_shown_runs(night: Night, line):
    # not as a part of the make that runs the tests
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    told = subprocess.run(["bash", "-c", f"{line} -n"], cwd=ROOT, env=plain, capture_output=True, text=True, check=True)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    said = dict(word.split("=", 1) for word in shlex.split(line) if re.match("[A-Z]+=", word))  # as make hands it on
    environment = plain | said | own_keys(night.home) | {"TEGAK_DATA": str(night.data), "PATH": path}
    command = ["bash", "-c", told.stdout.replace("; . ./.env", "")]  # the night has keys of its own
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_setting_is_told_and_every_told_one_is_read():
    code = [*(ROOT / "include").rglob("*.py"), ROOT / "docker-compose.yml", ROOT / "Makefile"]
    named, told = _settings(code), _settings([ROOT / "docs" / "operating.md"])
    assert named - told == HANDED_ON
    assert told - named - _settings((ROOT / "tests").rglob("*.py")) == set()


def _settings(files: Iterable[Path]) -> set[str]:
    return {name for path in files for name in re.findall(r"TEGAK_[A-Z_]+[A-Z]", path.read_text(encoding="utf-8"))}
