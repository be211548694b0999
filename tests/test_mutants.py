"""The tool that plants mistakes: a noticed one, one that nobody notices, and the code right again after both."""

from pathlib import Path

import pytest

from include.settings import ROOT
from tests.mutants.__main__ import PARTS, UNIT_TESTS, Lane, Mutant, meaning

CODE = "def double(x):\n    return x * 2\n\n\ndef half(x):\n    return x / 2\n"
TEST = "from code_under_test import double\n\n\ndef test_double():\n    assert double(3) == 6\n"


@pytest.mark.parametrize(
    ("wrong", "is_noticed"),
    [(CODE.replace("x * 2", "x + 2"), True), (CODE.replace("x / 2", "x - 2"), False), ("def double(:\n", True)],
)
def test_a_mistake_is_noticed_when_a_test_fails(tmp_path: Path, wrong: str, is_noticed: bool) -> None:
    (tmp_path / "code_under_test.py").write_text(CODE)
    (tmp_path / "test_it.py").write_text(TEST)
    lane = Lane(tmp_path, tmp_path)
    assert lane.notices(Mutant("code_under_test.py", wrong), ("test_it.py",)) == is_noticed
    assert (tmp_path / "code_under_test.py").read_text() == CODE


def test_each_part_names_files_and_tests_that_exist() -> None:
    for part in PARTS.values():
        for pattern in part.files:
            assert list(ROOT.glob(pattern)), pattern
        for test in part.tests:
            folder = "dbt_project" if test.startswith(UNIT_TESTS) else "."
            assert (ROOT / folder / test.removeprefix(UNIT_TESTS).split()[0]).exists(), test


SAID = """def f(x: int) -> dict[str, int]:
    \"\"\"Return twice x.\"\"\"
    return {"a": x, "b": 2 * x}
"""


@pytest.mark.parametrize(
    ("other", "says_the_same"),
    [
        (SAID.replace('"""Return twice x."""', "pass"), True),
        (SAID.replace("x: int", "x: float"), True),
        (SAID.replace("dict[str, int]", "dict[int, str]"), True),
        (SAID.replace('{"a": x, "b": 2 * x}', '{"b": 2 * x, "a": x}'), True),
        (SAID.replace("2 * x", "x * 2"), False),
        (SAID.replace('return {"a": x, "b": 2 * x}', "pass"), False),
        (SAID.replace('"a": x', '"a": 2 * x'), False),
    ],
)
def test_what_says_the_same_is_no_mistake(other: str, says_the_same: bool) -> None:
    assert other != SAID
    assert (meaning(SAID) == meaning(other)) == says_the_same
    assert meaning("def f(:") is None
