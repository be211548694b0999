"""Who reaches what: the published database through SQL, the files through their modes, the keys through what a night leaves."""

import base64
import csv
import os
import pty
import re
import select
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from include import settings
from include.release import ZONES
from include.settings import ROOT
from include.sql import LOCKED, open_release
from tests.night import Night, own_keys, without_network
from tests.statements import OUTSIDE

CONTENT = "only the server may read this"


@pytest.fixture(scope="module", params=ZONES)
def published(request: pytest.FixtureRequest, night: Night, tmp_path_factory: pytest.TempPathFactory):
    """A zone's database as readers open it, with a view and a macro on a file in it; and what it must not reach."""
    folder = tmp_path_factory.mktemp("server")
    (folder / "secret.txt").write_text(CONTENT, encoding="utf-8")
    shutil.copy(night.release() / request.param / "tegak.duckdb", folder / "private.duckdb")
    zone = folder / request.param
    zone.mkdir()
    shutil.copy(folder / "private.duckdb", zone / "tegak.duckdb")
    with duckdb.connect(str(zone / "tegak.duckdb")) as con:
        con.execute(f"create view view_of_a_file as from read_text('{folder}/secret.txt')")
        con.execute(f"create macro macro_of_a_file() as table from read_text('{folder}/secret.txt')")
        assert con.execute("select content from view_of_a_file").fetchall() == [(CONTENT,)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "CURRENT", folder)
        with open_release(request.param) as con:
            yield con, folder


@pytest.mark.parametrize("statement", OUTSIDE.values(), ids=OUTSIDE)
def test_sql_on_a_release_reaches_nothing_outside(published, statement):
    con, folder = published
    text = statement.format(folder=folder, secret=folder / "secret.txt", private=folder / "private.duckdb")
    with pytest.raises(duckdb.Error) as refused:
        con.execute(text).fetchall()
    assert CONTENT not in str(refused.value)
    assert not list(folder.glob("written*"))
    [(access, locked)] = con.execute(
        "select current_setting('enable_external_access'), current_setting('lock_configuration')"
    ).fetchall()
    assert (access, locked) == (False, True)


def test_a_release_can_still_be_read(published):
    con, _ = published
    assert con.execute("select count(*) from stunting_by_desa").fetchall()[0][0] > 0


def test_the_settings_in_the_manual_lock_it(night: Night):
    """Each Python block of docs/bi.md is run as it stands there; it ends with `ask`, by which a file is then asked for."""
    blocks = re.findall(r"(?ms)^```python\n(.*?)^```", (ROOT / "docs" / "bi.md").read_text(encoding="utf-8"))
    assert len(blocks) == 2
    for block in blocks:
        code = block.replace("/srv/tegak/data/current", str(night.release()))
        done = subprocess.run(
            [sys.executable, "-c", f"{code}\nask(\"from read_text('/etc/hostname')\")"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1, code
        assert "file system operations are disabled" in done.stderr
        assert LOCKED.keys() <= set(re.findall(r"\w+", block))


def test_nothing_but_the_public_zone_can_be_read_by_others(night: Night):
    opened = {path.relative_to(night.data) for path in night.data.rglob("*") if readable_by_others(path, night.data)}
    # another test may have let this worker's night publish once more
    releases = [path.relative_to(night.data) for path in (night.data / "releases").iterdir()]
    allowed = {release / name for release in releases for name in ("manifest.json", "dictionary.csv")}
    others = {path for path in opened if not any(path.is_relative_to(release / "public") for release in releases)}
    assert others == allowed
    assert {path.relative_to(night.data) for path in (night.release() / "public").rglob("*.*")} <= opened


def readable_by_others(file: Path, top: Path) -> bool:
    """Return whether group or others can read a file: its own mode, and a way through each folder above it."""
    if file.is_dir() or file.is_symlink():
        return False
    modes = [folder.stat().st_mode for folder in file.parents if folder.is_relative_to(top)]
    return any(
        file.stat().st_mode & read and all(mode & way for mode in modes)
        for read, way in ((stat.S_IRGRP, stat.S_IXGRP), (stat.S_IROTH, stat.S_IXOTH))
    )


def test_no_key_is_in_anything_a_night_leaves(night: Night):
    """Logs, Airflow's database with its XComs, dbt's target, the data folder, what was printed."""
    forms = [form for key in own_keys(night.home).values() for form in forms_of(key)]
    assert len(forms) >= 10
    for file in night.home.rglob("*"):
        if file.is_file() and file.name != ".env":
            content = file.read_bytes()
            assert not [form for form in forms if form in content], file
    assert not [form for form in forms if form in night.output.encode()]


def forms_of(key: str) -> list[bytes]:
    """Return a key as written, reversed, as base64 and, when it is hexadecimal, as its bytes."""
    text = key.encode()
    forms = [text, text[::-1], base64.b64encode(text).rstrip(b"=")[:-1]]
    return [*forms, bytes.fromhex(key)] if re.fullmatch("([0-9a-f]{2})+", key) else forms


def test_a_night_connects_to_nothing(night: Night):
    """Python's sockets in every process of it; where the kernel allows, native code as well (see the head of the run)."""
    assert night.connections() == ""


def test_the_block_of_the_night_works(tmp_path: Path):
    record = tmp_path / "connections.txt"
    code = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"
    environment = {"PYTHONPATH": str(ROOT / "tests" / "offline"), "TEGAK_CONNECTIONS": str(record)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert "a night connects to nothing outside" in done.stderr
    assert "192.0.2.1" in record.read_text(encoding="utf-8")


@pytest.mark.skipif(not without_network(), reason="the kernel gives no network namespace")
def test_the_namespace_of_the_night_is_empty():
    code = "import socket; print([name for _, name in socket.if_nameindex()])"
    done = subprocess.run([*without_network(), sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['lo']"


@pytest.mark.parametrize("zone", ZONES)
def test_the_dictionary_names_every_column_with_its_type(night: Night, zone: str):
    with (night.release() / "dictionary.csv").open(encoding="utf-8", newline="") as stream:
        told = {(row["mart"], row["column"], row["type"]) for row in csv.DictReader(stream) if row["description"]}
    with duckdb.connect(str(night.release() / zone / "tegak.duckdb"), read_only=True) as con:
        there = set(
            con.execute(
                "select table_name, column_name, lower(data_type) from duckdb_columns() where not internal"
            ).fetchall()
        )
    assert there - told == set()


def asked(release: Path, typed: str) -> subprocess.CompletedProcess[str]:
    """What `make sql` answers in a pipe."""
    return subprocess.run(
        [sys.executable, "-m", "include.sql"],
        cwd=ROOT, input=typed, env=os.environ | {"TEGAK_DATA": str(release)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def small_release(tmp_path: Path) -> Path:
    """A release with one table of more rows than a terminal shows."""
    zone = tmp_path / "current" / "task_force"
    zone.mkdir(parents=True)
    with duckdb.connect(str(zone / "tegak.duckdb")) as con:
        con.execute("create table t as select range as n, 'a;b' as s from range(600)")
    return tmp_path


def test_each_statement_is_answered_and_a_semicolon_in_quotes_is_no_end(small_release: Path):
    done = asked(small_release, "select 1 as a; select 'x;\ny' as b;\nselect 2 as c -- ;\n;\nexit\nselect 3 as d;")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == 'a\n1\nb\n"x;\ny"\nc\n2\n'


def test_a_piped_answer_is_whole_and_csv(small_release: Path):
    done = asked(small_release, "from t order by n; select null as n, -0.5 as x, true as b, '=1+1' as f")
    lines = done.stdout.splitlines()
    assert lines == ["n,s", *(f"{n},a;b" for n in range(600)), "n,x,b,f", ",-0.5,true,'=1+1"]


def test_an_error_is_told_beside_the_answers_and_in_the_code(small_release: Path):
    done = asked(small_release, "selec 1;\nselect 1 as a; from read_text('/etc/hostname'); select 2 as b;")
    assert (done.returncode, done.stdout) == (1, "a\n1\n")
    assert "syntax error" in done.stderr
    assert "disabled" in done.stderr


def seconds_computed(pid: int) -> float:
    """Return the seconds that a process has kept a processor busy."""
    after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def test_control_c_in_a_terminal_drops_a_line_or_a_query_and_not_the_session(small_release: Path):
    ours, theirs = pty.openpty()
    # a test that runs behind a shell's & has SIGINT ignored, and so have its children
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from include import sql; exit(sql.main())"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, env=os.environ | {"TEGAK_DATA": str(small_release)},
    )  # fmt: skip
    os.close(theirs)
    shown, end = "", time.monotonic() + 300

    def read(seconds: float) -> None:
        """Read what is shown until nothing more comes for some seconds."""
        nonlocal shown
        while select.select([ours], [], [], seconds)[0]:
            assert time.monotonic() < end, shown
            shown += os.read(ours, 4096).decode()

    def until(sign: str) -> None:
        begin = len(shown)
        while not re.search(sign, shown[begin:]):
            assert time.monotonic() < end, shown
            read(0.2)

    try:
        until("tegak> ")
        os.write(ours, b"select 'begun\n")
        until("[.]{3} ")
        begin = len(shown)
        while "tegak> " not in shown[begin:]:  # one that comes before readline waits is told at the next key
            assert time.monotonic() < end, shown
            process.send_signal(signal.SIGINT)
            read(5)
        os.write(ours, b" \x15")  # if one is told now, it takes nothing with it
        read(2)
        idle = seconds_computed(process.pid)
        os.write(ours, b"select sum(sin(range)) from range(100000000000);\n")
        while seconds_computed(process.pid) < idle + 1:
            assert time.monotonic() < end, shown
            read(0.2)
        process.send_signal(signal.SIGINT)
        until("interrupted|Broken off")
        os.write(ours, b"select 6 * 7 as x;\n")
        until("42")
        os.write(ours, b"quit\n")
        assert process.wait(timeout=60) == 1, "a query was broken off"
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert "Traceback" not in shown
