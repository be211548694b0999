"""Readers while releases are switched: each sees one whole release, never an error, never a mixture.

And what a release leaves that came to nothing.
"""

import errno
import multiprocessing
import time
from pathlib import Path

import duckdb
import pytest

from include import release, settings
from include.disclosure.tables import Narrowed
from include.release import switch_current

READERS, SWITCHES = 8, 20


def _make_release(folder: Path, number: int) -> Path:
    release = folder / "releases" / f"r{number:02}"
    release.mkdir(parents=True)
    with duckdb.connect(str(release / "tegak.duckdb")) as con:
        for mart in ("first", "second"):
            con.execute(f"create table {mart} as select {number} as release from range(20000)")
        con.execute(f"copy first to '{release / 'first.parquet'}'")
    return release


def _read(current: Path, stop, seen) -> None:
    """Open the current release again and again, as a BI tool does, until told to stop."""
    while not stop.is_set():
        try:
            with duckdb.connect(str(current / "tegak.duckdb"), read_only=True) as con:
                first = con.execute("select min(release), max(release), count(*) from first").fetchall()
                second = con.execute("select min(release), max(release), count(*) from second").fetchall()
            parquet = duckdb.execute(f"select count(*) from '{current / 'first.parquet'}'").fetchall()
            is_whole = first == second and first[0][0] == first[0][1] and first[0][2] == 20000 == parquet[0][0]
            seen.put(first[0][0] if is_whole else f"mixture {first} {second}")
        except (duckdb.Error, OSError) as error:
            seen.put(f"error {error}")


def test_eight_readers_and_twenty_switches(tmp_path):
    current = tmp_path / "current"
    switch_current(_make_release(tmp_path, 0), current)
    spawn = multiprocessing.get_context("spawn")
    stop, seen = spawn.Event(), spawn.Queue()
    readers = [spawn.Process(target=_read, args=(current, stop, seen)) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    answers = [seen.get(timeout=60) for _ in range(READERS)]
    for number in range(1, SWITCHES + 1):
        switch_current(_make_release(tmp_path, number), current)
        time.sleep(0.05)
    until = time.monotonic() + 60
    while SWITCHES not in answers and time.monotonic() < until:
        answers.append(seen.get(timeout=60))
    stop.set()
    for reader in readers:
        while reader.is_alive():
            while not seen.empty():
                answers.append(seen.get())
            reader.join(timeout=0.1)
    assert [answer for answer in answers if not isinstance(answer, int)] == []
    assert {0, SWITCHES} <= set(answers)
    assert len(set(answers)) > 5


@pytest.mark.parametrize(
    ("step", "error", "told"),
    [
        ("write_public", Narrowed("3 suppressed counts could be narrowed"), release.ReleaseRefused),
        ("write_public", OSError(errno.ENOSPC, "No space left on device"), OSError),
        ("write_review", KeyboardInterrupt("stopped"), KeyboardInterrupt),
    ],
)
def test_a_release_that_comes_to_nothing_leaves_nothing_but_its_reason(data, monkeypatch, step, error, told):
    wrote = []

    def fail(*arguments):
        wrote.extend(path.name for path in settings.RELEASES.rglob("*.duckdb"))
        raise error

    monkeypatch.setattr(release, "_marts", dict)
    monkeypatch.setattr(release, "write_public", lambda *arguments: None)
    monkeypatch.setattr(release, step, fail)
    with pytest.raises(told, match=str(error.args[-1])):
        release.publish_release()
    assert wrote == ["tegak.duckdb"], "it had begun"
    assert list(settings.RELEASES.iterdir()) == []
    assert not settings.CURRENT.is_symlink()
