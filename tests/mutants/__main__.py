"""`make mutants`: do the tests notice when the code is wrong? Small mistakes are planted one at a time, and tests must fail.

universalmutator makes the mistakes, a sample of each part is tried (`MUTANTS=60` says how many), each in a copy of the code,
by the tests that guard that part, the quickest first. A mistake that no test notices is printed. PART=growth: one part alone.
What changes no meaning (words of a docstring, a type's name, the order of a dict's keys) is no mistake, and is not tried.
"""

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from queue import SimpleQueue

from rich.progress import Progress

from include.build import dbt_environment
from include.console import CONSOLE, bars
from include.settings import ROOT
from tests.bench.place import EXTRAS
from tests.night import own_keys, run_night

SAMPLE = int(os.environ.get("MUTANTS", "60"))
SEED, LANES, PATIENCE = 3604, 2, 900
_LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", "data", "airflow_home", "__pycache__", ".mypy_cache", ".ruff_cache"
)
_RULES = Path(__file__).with_name("sql.rules")
_FOUR_NIGHTS = "tests/test_linkage.py::test_a_child_keeps_its_key"  # as long as all others of its file together
UNIT_TESTS = "unit tests of "  # before the folder of models whose unit tests dbt runs


@dataclass(frozen=True)
class Part:
    """What is to be guarded, and by which tests, the quickest first: words of pytest, or dbt's unit tests of a folder."""

    files: tuple[str, ...]
    tests: tuple[str, ...]


PARTS = {
    "contract": Part(
        ("include/contract*.py",),
        ("tests/test_contract.py", "tests/test_gate.py", "tests/test_load.py"),
    ),
    "gate": Part(
        ("include/gate.py", "include/gx_rules.py", "include/validate.py", "include/words.py", "include/settle.py"),
        ("tests/test_gate.py", "tests/test_returns.py", "tests/test_deliveries_over_time.py"),
    ),
    "linkage": Part(
        ("dbt_project/macros/linkage*.sql", "dbt_project/models/intermediate/linkage/int_linkage_*.sql"),
        (f"{UNIT_TESTS}models/intermediate/linkage", f"tests/test_linkage.py --deselect={_FOUR_NIGHTS}"),
    ),
    "growth": Part(
        ("dbt_project/macros/who_growth_standard.sql",),
        ("tests/test_growth.py", f"{UNIT_TESTS}models/intermediate/growth"),
    ),
}


@dataclass(frozen=True)
class Mutant:
    """One mistake: the file it is in, the whole text with it, and the lines that differ."""

    file: str
    text: str

    def difference(self) -> str:
        before = (ROOT / self.file).read_text(encoding="utf-8").splitlines()
        lines = list(unified_diff(before, self.text.splitlines(), lineterm="", n=0))[2:]
        return f"{self.file} " + "\n    ".join(lines)


class _Meaning(ast.NodeTransformer):
    """What is left of Python without docstrings, `pass`, the types of arguments, and the order of a dict's keys."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        return None if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_Pass(self, node: ast.Pass) -> None:
        return None

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(node.arg)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        pairs = [(ast.dump(key) if key else "", key, value) for key, value in zip(node.keys, node.values, strict=True)]
        pairs.sort(key=lambda pair: pair[0])
        return self.generic_visit(ast.Dict([key for _, key, _ in pairs], [value for _, _, value in pairs]))


def meaning(code: str) -> str | None:
    """Return what Python code says, equal for two codes that say the same; None when it is no Python."""
    try:
        return ast.dump(_Meaning().visit(ast.parse(code)))
    except (SyntaxError, ValueError):
        return None


def mutants(file: Path, folder: Path) -> Iterator[Mutant]:
    """Yield each mistake that universalmutator knows to make in a file; one that is no Python or says the same is left out."""
    folder.mkdir(parents=True)
    rules = ["--noCheck", "--only", str(_RULES)] if file.suffix == ".sql" else []
    command = [str(EXTRAS / "bin" / "mutate"), str(file), *rules, "--mutantDir", str(folder)]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    nothing = {None, meaning(file.read_text(encoding="utf-8"))} if file.suffix == ".py" else set()
    for path in sorted(folder.glob("*.mutant.*")):
        text = path.read_text(encoding="utf-8")
        if not nothing or meaning(text) not in nothing:
            yield Mutant(str(file.relative_to(ROOT)), text)


@dataclass
class Lane:
    """A copy of the code in which one mistake at a time is tried, with the data of a night for dbt."""

    code: Path
    night: Path

    def notices(self, mutant: Mutant, tests: tuple[str, ...]) -> bool:
        """Return whether a test fails on the mistake; one that never ends is noticed too."""
        place = self.code / mutant.file
        right = place.read_text(encoding="utf-8")
        place.write_text(mutant.text, encoding="utf-8")
        try:
            return any(self.fails(test) for test in tests)
        finally:
            place.write_text(right, encoding="utf-8")

    def fails(self, test: str) -> bool:
        """Return whether a file of tests, or the unit tests of a folder of models, fails on the code as it is in this lane."""
        command, settings = (
            self._unit_tests(test) if test.startswith(UNIT_TESTS) else (["pytest", "-q", "-x", *test.split()], {})
        )
        environment = os.environ | settings | {"PYTHONPATH": str(self.code), "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            done = subprocess.run(
                [sys.executable, "-m", *command],
                cwd=self.code, env=environment, capture_output=True, timeout=PATIENCE, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return True
        return done.returncode != 0

    def _unit_tests(self, test: str) -> tuple[list[str], dict[str, str]]:
        """Return the command of dbt's unit tests of a folder, and the settings of the night whose tables they look at."""
        select = ["--select", f"path:{test.removeprefix(UNIT_TESTS)},test_type:unit"]
        project = ["--project-dir", "dbt_project", "--profiles-dir", "dbt_project", "--log-path", f"{self.night}/logs"]
        places = dbt_environment(self.night / "data" / "warehouse.duckdb", self.night / "dbt")
        return ["dbt.cli.main", "--quiet", "test", "--fail-fast", *project, *select], places | own_keys(self.night)


def try_part(
    part: Part, lanes: "SimpleQueue[Lane]", folder: Path, progress: Progress, name: str
) -> list[Mutant | None]:
    """Try a sample of one part's mistakes; return each that no test noticed, and None for each other."""
    files = [file for pattern in part.files for file in sorted(ROOT.glob(pattern))]
    known = [one for file in files for one in mutants(file, folder / name / file.stem)]
    chosen = random.Random(SEED).sample(known, min(SAMPLE, len(known)))
    bar = progress.add_task(f"{name}: {len(chosen)} of {len(known)}", total=len(chosen))

    def tried(mutant: Mutant) -> Mutant | None:
        lane = lanes.get()
        try:
            return None if lane.notices(mutant, part.tests) else mutant
        finally:
            lanes.put(lane)
            progress.advance(bar)

    with ThreadPoolExecutor(LANES) as pool:
        return list(pool.map(tried, chosen))


def main() -> int:
    """Return 0 when every part was tried, whatever was noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="?", choices=[*PARTS, ""], help="one part alone")
    asked = parser.parse_args().part
    chosen = {name: part for name, part in PARTS.items() if asked in ("", None, name)}
    figures = []
    with tempfile.TemporaryDirectory(prefix="mutants_") as temporary, bars() as progress:
        folder, lanes = Path(temporary), SimpleQueue[Lane]()
        needs_night = any(test.startswith(UNIT_TESTS) for part in chosen.values() for test in part.tests)
        night = folder / "night"
        if needs_night:
            night.mkdir()
            assert run_night(night).code == 0
        for number in range(LANES):
            lane = Lane(folder / f"lane{number}" / "code", folder / f"lane{number}" / "night")
            shutil.copytree(ROOT, lane.code, ignore=_LEFT_OUT)
            if needs_night:
                shutil.copytree(night, lane.night, symlinks=True)
            lanes.put(lane)
        for name, part in chosen.items():
            lane = lanes.get()
            wrong = [test for test in part.tests if lane.fails(test)]
            lanes.put(lane)
            if wrong:
                raise SystemExit(f"{name}: {', '.join(wrong)} fails without any mistake planted; nothing can be told.")
            found = try_part(part, lanes, folder, progress, name)
            survivors = [one for one in found if one]
            for survivor in survivors:
                CONSOLE.print(f"not noticed: {survivor.difference()}", markup=False, highlight=False)
            figures.append(f"{name}={len(found) - len(survivors)}/{len(found)}")
    print("mutants noticed " + " ".join(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
