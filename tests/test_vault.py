"""The private zone on disk: sealed files, keyring, rotation, bad keys, and a working database that broke."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import duckdb
import pytest

from include import (
    alerts,
    archive,
    backfill,
    believed,
    ingest,
    keyring,
    keys,
    private,
    rotate,
    settings,
    vault,
    warehouse,
)
from include.contract import Dataset
from include.copies import on_a_copy
from include.keys import PRIVATE_KEY, KeyProblem
from include.vault import SealBroken

CONTENT = "NIK;Nama;Tgl Lahir;Berat (kg);Jumlah\n3604050502210001;ANI;2021-02-05;9,5;1\n"
Put = Callable[..., Path]


def receive_and_load(dataset: Dataset) -> int:
    """What a night does before its gate; return how many deliveries it loaded."""
    periods = ingest.receive(dataset)
    for receipts in periods:
        assert ingest.load(dataset, receipts) == []
    return sum(map(len, periods))


# --- sealed files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 2**20 - 1, 2**20, 2**20 + 1, 3 * 2**20 + 5])
def test_what_is_sealed_comes_back_and_cannot_be_read(data: Path, size: int) -> None:
    content = (b"SITI " * (size // 5 + 1))[:size]
    vault.write_sealed(data / "a", content)
    assert vault.read_sealed(data / "a") == content
    assert b"SITI" not in (data / "a").read_bytes()
    assert stat.S_IMODE((data / "a").stat().st_mode) == 0o600
    with vault.opened(data / "a") as plain:
        assert plain.read_bytes() == content
        assert plain.is_relative_to(data / "scratch")
    assert not [*(data / "scratch").glob("*")]


@pytest.mark.parametrize("change", ["cut", "cut at a chunk", "flip", "swap", "append", "nothing"])
def test_a_changed_seal_is_noticed(data: Path, change: str) -> None:
    vault.write_sealed(data / "a", b"x" * (2 * 2**20 + 7))
    whole, head, chunk = (data / "a").read_bytes(), 32, 2**20 + 16
    first, second, rest = whole[head : head + chunk], whole[head + chunk : head + 2 * chunk], whole[head + 2 * chunk :]
    changed = {
        "cut": whole[:-1],
        "cut at a chunk": whole[: head + 2 * chunk],
        "flip": whole[:100] + bytes([whole[100] ^ 1]) + whole[101:],
        "swap": whole[:head] + second + first + rest,
        "append": whole + b"x",
        "nothing": b"",
    }
    (data / "a").write_bytes(changed[change])
    with pytest.raises(SealBroken):
        vault.read_sealed(data / "a")


def test_a_write_that_fails_leaves_the_old_file(data: Path) -> None:
    vault.write_sealed(data / "a", b"old")
    with pytest.raises(OSError, match="disk"), vault.sealing(data / "a") as write:  # noqa: PT012
        write(b"new")
        raise OSError("disk full")
    assert vault.read_sealed(data / "a") == b"old"
    assert [path.name for path in data.glob("a*")] == ["a"]


def test_many_threads_make_and_remove_scratch_folders_at_once(data: Path) -> None:
    def use(number: int) -> str:
        with private.scratch_folder() as folder:
            (folder / "plain").write_text(str(number), encoding="utf-8")
            return (folder / "plain").read_text(encoding="utf-8")

    with ThreadPoolExecutor(4) as lanes:
        assert list(lanes.map(use, range(400))) == [str(number) for number in range(400)]
    assert list((data / "scratch").glob("reading-*")) == []


def test_plain_text_of_a_killed_process_is_purged_and_a_living_ones_stays(data: Path) -> None:
    left = data / "scratch" / "reading-dead"
    left.mkdir(parents=True)
    (left / "plain").write_text("SITI")
    with private.scratch_folder() as folder:
        private.purge_scratch()
        assert folder.exists()
        assert not left.exists()
    assert stat.S_IMODE((data / "scratch").stat().st_mode) == 0o700


SPILL = """
import os, signal, sys
from include import private, warehouse
con = warehouse.open_memory()
con.execute("set memory_limit = '60MB'")
con.execute("create temp table many as select n, md5(n::varchar) as text from range(3_000_000) as r(n)")
assert [*private.spill_folder().rglob("duckdb_temp_*")], "nothing was spilled"
print(flush=True)
sys.stdin.readline() or os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_spilled_stops_no_other_one_and_is_purged(data: Path) -> None:
    """As when the kernel ends dbt for its memory: the next night begins with what it spilled still there."""
    environment = os.environ | {"TEGAK_DATA": str(data)}
    command, pipe = [sys.executable, "-c", SPILL], subprocess.PIPE
    living = subprocess.Popen(command, env=environment, cwd=settings.ROOT, stdin=pipe, stdout=pipe)
    assert living.stdin
    assert living.stdout
    assert living.stdout.readline()
    killed = subprocess.run(command, env=environment, cwd=settings.ROOT, stdin=subprocess.DEVNULL, check=False)
    assert killed.returncode == -signal.SIGKILL
    [folder, other] = (data / "scratch").glob("spill-*")
    for con in (warehouse.open_memory(), warehouse.open_memory()):
        assert con.execute("select current_setting('temp_file_encryption')").fetchall() == [(True,)]
        con.close()
    left = {path for path in (folder, other) if path.exists()}
    assert len(left) == 1, "the living one's alone stays"
    living.stdin.write(b"end\n")
    living.stdin.close()
    assert living.wait() == 0
    assert not any(path.exists() for path in left)


# --- keys ----------------------------------------------------------------------------------------------------------------


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def used(timbang: Dataset, put: Put) -> Path:
    """A data folder that holds one loaded delivery and one that waits."""
    put(timbang, CONTENT, "a.csv", 0)
    receive_and_load(timbang)
    put(timbang, CONTENT.replace("ANI", "BUDI"), "b.csv", 1)
    return settings.DATA


def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PRIVATE_KEY)


def short_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PRIVATE_KEY, "abcd")


def other_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PRIVATE_KEY, "5" * 64)


def no_keyring(_: pytest.MonkeyPatch) -> None:
    (settings.DATA / keyring.FILE).unlink()


def open_keyring(_: pytest.MonkeyPatch) -> None:
    (settings.DATA / keyring.FILE).chmod(0o644)


def cut_keyring(_: pytest.MonkeyPatch) -> None:
    path = settings.DATA / keyring.FILE
    path.write_text(path.read_text()[:-40])


def changed_keyring(_: pytest.MonkeyPatch) -> None:
    path = settings.DATA / keyring.FILE
    kept = json.loads(path.read_text())
    [wrap] = kept["wraps"].values()
    wrap["sealed"] = "00" + wrap["sealed"][2:]
    path.write_text(json.dumps(kept))


def open_env_file(monkeypatch: pytest.MonkeyPatch) -> None:
    env_file = settings.DATA.parent / f"{settings.DATA.name}.env"
    env_file.write_text("")
    env_file.chmod(0o640)
    monkeypatch.setattr(keys, "ENV_FILE", env_file)


BAD = [no_key, short_key, other_key, no_keyring, open_keyring, cut_keyring, changed_keyring, open_env_file]


@pytest.mark.parametrize("spoil", BAD)
def test_a_bad_key_is_said_in_one_sentence_before_anything_is_written(
    used: Path, timbang: Dataset, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[pytest.MonkeyPatch], None]
) -> None:
    spoil(monkeypatch)
    before, key = files(used), os.environ.get(PRIVATE_KEY, "no key")
    for step in (lambda: ingest.receive(timbang), lambda: warehouse.connect().__enter__(), lambda: vault.password("x")):
        with pytest.raises(KeyProblem) as problem:
            step()
        assert str(problem.value).endswith(".")
        assert "\n" not in str(problem.value)
        assert key not in str(problem.value)
    assert files(used) == before


def test_a_rotated_private_key_opens_all_and_the_old_one_nothing(
    used: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env_file = tmp_path / ".env"
    keys.make_env_file(env_file)
    monkeypatch.setenv(PRIVATE_KEY, os.environ[PRIVATE_KEY])
    with pytest.raises(KeyProblem, match="does not come from"):
        rotate.rotate_private_key(env_file)
    old = os.environ[PRIVATE_KEY]
    keys.replace_private_key(bytes.fromhex(old), env_file)
    password, sealed = vault.password("dinkes"), next((used / "archive").rglob("?" * 64))
    content = vault.read_sealed(sealed)
    rotate.rotate_private_key(env_file)
    with pytest.raises(KeyProblem, match="does not open"):
        vault.read_sealed(sealed)
    new = dict(line.split("=", 1) for line in env_file.read_text().splitlines())[PRIVATE_KEY]
    monkeypatch.setenv(PRIVATE_KEY, new)
    assert new != old
    assert vault.read_sealed(sealed) == content
    assert vault.password("dinkes") == password
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600


@pytest.mark.parametrize("killed_at", ["replace_private_key", "second save"])
def test_a_rotation_killed_between_its_files_leaves_a_key_that_opens(
    used: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed_at: str
) -> None:
    env_file = tmp_path / ".env"
    keys.make_env_file(env_file)
    keys.replace_private_key(keys.private_key(), env_file)
    saves = []

    def save(*arguments: object) -> None:
        if saves and killed_at == "second save":
            raise KeyboardInterrupt
        saves.append(1)
        real_save(*arguments)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    real_save = keyring.save
    with monkeypatch.context() as patch:
        patch.setattr(keyring, "save", save)
        if killed_at == "replace_private_key":
            patch.setattr(rotate, "replace_private_key", killed)
        with pytest.raises(KeyboardInterrupt):
            rotate.rotate_private_key(env_file)
    key = dict(line.split("=", 1) for line in env_file.read_text().splitlines())[PRIVATE_KEY]
    monkeypatch.setenv(PRIVATE_KEY, key)
    assert vault.password("dinkes")


def test_new_data_keys_seal_all_anew_and_a_killed_rotation_goes_on(
    used: Path, timbang: Dataset, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert receive_and_load(timbang) == 2, "one that waits for its gate is told again"
    sealed = sorted((used / "archive").rglob("?" * 64))
    before = {path: (vault.key_id(path), vault.read_sealed(path)) for path in sealed}
    password, real, done = vault.password("dinkes"), vault.seal_again, []

    def once(path: Path) -> None:
        if done:
            raise KeyboardInterrupt
        done.append(path)
        real(path)

    cut = sealed[0].with_name(f"{'b' * 64}.part")  # of a night that was killed while it sealed
    cut.write_bytes(sealed[0].read_bytes()[:-1])
    with monkeypatch.context() as patch:
        patch.setattr(vault, "seal_again", once)
        with pytest.raises(KeyboardInterrupt):
            rotate.rotate_data_keys()
    assert {path: vault.read_sealed(path) for path in sealed} == {
        path: content for path, (_, content) in before.items()
    }
    assert rotate.rotate_data_keys() == 1
    for path, (key_id, content) in before.items():
        assert vault.read_sealed(path) == content
        assert vault.key_id(path) != key_id
    assert len(keyring.load(used).data_keys) == 1
    assert vault.password("dinkes") == password
    assert receive_and_load(timbang) == 2, "the working database is loaded again"


@pytest.mark.parametrize("made_by", [believed, backfill])
def test_new_data_keys_leave_no_copy_of_the_database_under_the_old_one(
    used: Path, monkeypatch: pytest.MonkeyPatch, made_by: ModuleType
) -> None:
    """Each command that copies the database is stopped on its copy, as by a kill."""
    copies: list[Path] = []

    @contextmanager
    def killed(target: Path) -> Iterator[Path]:
        with on_a_copy(target):
            copies.extend([target, target.with_name(f"{target.name}.wal"), target.with_suffix(".returns")])
        copies[1].write_bytes(b"log")
        copies[2].mkdir()
        raise KeyboardInterrupt
        yield target

    monkeypatch.setattr(made_by, "on_a_copy", killed)
    monkeypatch.setattr(believed, "_prevalence", lambda con: {})
    monkeypatch.setattr(made_by, "remove_copy", lambda _: None)
    monkeypatch.setattr(backfill, "read_request", lambda _: None)
    monkeypatch.setattr(backfill, "current_database", lambda: used)
    monkeypatch.setattr(sys, "argv", ["believed", "2026-03-01"])
    with warehouse.connect() as con:
        con.execute("update audit.deliveries set counts_from = timestamp '2026-02-01'")
    with pytest.raises(KeyboardInterrupt):
        believed.main() if made_by is believed else backfill.preview({}, "run")
    assert [path.exists() for path in copies] == [True] * 3
    rotate.rotate_data_keys()
    assert [path.exists() for path in copies] == [False] * 3


def test_passwords_differ_and_are_readable(data: Path) -> None:
    passwords = {vault.password(agency) for agency in ("dinkes", "dinsos", "perkim")}
    assert len(passwords) == 3
    for password in passwords:
        assert [len(group) for group in password.split("-")] == [4, 4, 4, 4]
        assert not set(password) & set("0o1il")


def test_an_older_env_file_gets_the_private_key_and_keeps_the_rest(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("TEGAK_PSEUDONYM_KEY=abc\nPOSTGRES_PASSWORD=x=y")
    env_file.chmod(0o600)
    keys.make_env_file(env_file)
    assert env_file.read_text().startswith("TEGAK_PSEUDONYM_KEY=abc\nPOSTGRES_PASSWORD=x=y\nTEGAK_PRIVATE_KEY=")
    once = env_file.read_text()
    keys.make_env_file(env_file)
    assert env_file.read_text() == once


def test_a_file_with_settings_alone_gets_every_key(tmp_path: Path) -> None:
    env_file, alone = tmp_path / ".env", tmp_path / "alone"
    env_file.write_text("TEGAK_REGENCIES=36.04,36.73\n")
    env_file.chmod(0o600)
    keys.make_env_file(env_file)
    keys.make_env_file(alone)
    names = [[line.split("=")[0] for line in path.read_text().splitlines()] for path in (env_file, alone)]
    assert names[0] == ["TEGAK_REGENCIES", *names[1]]


# --- the working database ----------------------------------------------------------------------------------------------


def test_nothing_in_the_database_can_be_read_without_the_key(used: Path) -> None:
    assert b"3604050502210001" not in settings.WAREHOUSE.read_bytes()
    with pytest.raises(duckdb.Error, match="without a key"):
        duckdb.connect(str(settings.WAREHOUSE), read_only=True)


def foreign(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def torn_header(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[5000] ^= 1
    path.write_bytes(content)


def plain(path: Path) -> None:
    path.unlink()
    duckdb.connect(str(path)).close()


def of_another_keyring(path: Path) -> None:
    other = path.parent / "other"
    other.mkdir()
    with warehouse.connect(other / path.name):
        pass
    shutil.move(other / path.name, path)


def bad_wal(path: Path) -> None:
    """A writer is killed, and a bit of its log changes on the disk."""
    script = (
        "import os\nfrom pathlib import Path\nfrom include import warehouse\n"
        f"held = warehouse.connect(Path({str(path)!r}))\ncon = held.__enter__()\n"
        "con.execute('create table raw.x as select range as i from range(1000)')\nos.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script], check=False)
    wal = path.with_name(f"{path.name}.wal")
    content = bytearray(wal.read_bytes())
    content[len(content) // 2] ^= 1
    wal.write_bytes(content)


def wal_alone(path: Path) -> None:
    path.unlink()
    path.with_name(f"{path.name}.wal").write_bytes(b"left over" * 100)


@pytest.mark.parametrize("spoil", [foreign, empty, half, torn_header, plain, of_another_keyring, bad_wal, wal_alone])
def test_a_broken_database_is_rebuilt_from_the_archive(
    used: Path, timbang: Dataset, capsys: pytest.CaptureFixture[str], spoil: Callable[[Path], None]
) -> None:
    spoil(settings.WAREHOUSE)
    assert receive_and_load(timbang) == 2
    assert spoil is wal_alone or "loaded again from the archive" in " ".join(capsys.readouterr().out.split())
    with warehouse.connect(read_only=True) as con:
        names = con.execute("select nama from raw.uji__timbang order by 1").fetchall()
    assert names == [("ANI",), ("BUDI",)]


def test_a_damaged_block_is_found_before_a_night_builds_on_it(used: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with warehouse.connect() as con:
        con.execute("create table raw.large as select range as i, 'x' || random() as t from range(100000)")
    content = bytearray(settings.WAREHOUSE.read_bytes())
    content[len(content) // 2] ^= 1
    settings.WAREHOUSE.write_bytes(content)
    warehouse.prove()
    assert "loaded again from the archive" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("cause", "error"),
    [
        ("Computed AES tag differs from read AES tag", warehouse.WarehouseBroken),
        ("No space left on device", duckdb.IOException),
    ],
)
def test_a_damaged_block_may_be_met_as_late_as_the_database_is_let_go(
    used: Path, monkeypatch: pytest.MonkeyPatch, cause: str, error: type[Exception]
) -> None:
    """As DuckDB says it; a full disk says the same in its first line, and takes no database away."""

    def fails(_: duckdb.DuckDBPyConnection) -> None:
        raise duckdb.IOException(
            "IO Error: Detached database 'warehouse', but CHECKPOINT during DETACH failed. \n"
            f'Checkpoint failed for database "warehouse". The database has been invalidated. Original error: {cause}'
        )

    monkeypatch.setattr(warehouse, "_detach_all", fails)
    with pytest.raises(error), warehouse.connect():
        pass
    assert settings.WAREHOUSE.exists() is (error is duckdb.IOException)


def test_a_second_writer_is_told_to_wait(used: Path) -> None:
    with warehouse.connect(), pytest.raises(warehouse.WarehouseBusy, match="try again"), warehouse.connect():
        pass


# --- the inbox -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("killed_at", ["_seal", "write_private", "sync_folder"])
def test_a_file_is_received_once_wherever_the_night_is_killed(
    timbang: Dataset, put: Put, monkeypatch: pytest.MonkeyPatch, killed_at: str
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    put(timbang, CONTENT, "a.csv", 0)
    with monkeypatch.context() as patch:
        patch.setattr(archive, killed_at, killed)
        with pytest.raises(KeyboardInterrupt):
            archive.archive_new(timbang)
    put(timbang, CONTENT.replace("ANI", "BUDI"), "b.csv", 1)
    archive.archive_new(timbang)
    found = archive.deliveries(timbang)
    assert [delivery.file_name for delivery in found] == ["a.csv", "b.csv"]
    assert [vault.read_sealed(delivery.file).count(b"ANI") for delivery in found] == [1, 0]
    assert not [path for path in settings.LANDING.rglob("*") if path.is_file()]


def test_what_a_killed_night_left_in_the_inbox_is_no_news(
    timbang: Dataset, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Archived with its receipt, not yet taken out; then its correction comes: it stays corrected."""
    file = put(timbang, CONTENT, "a.csv", 0)
    archive.archive_new(timbang)
    put(timbang, CONTENT.replace("9,5", "9,7"), "b.csv", 1)
    archive.archive_new(timbang)
    assert put(timbang, CONTENT, "a.csv", 0) == file
    assert archive.archive_new(timbang) == []
    put(timbang, CONTENT, "a.csv", 2)
    assert [delivery.delivery_id[-2:] for delivery in archive.archive_new(timbang)] == ["-2"]


def test_a_file_that_is_still_being_written_waits(timbang: Dataset, put: Put) -> None:
    file = put(timbang, CONTENT, "a.csv", 0)
    with file.open("a") as stream:
        stream.write("")
        assert archive.archive_new(timbang) == []
    assert len(archive.archive_new(timbang)) == 1


@pytest.mark.parametrize("linked", ["agency", "dataset", "period"])
def test_a_link_in_a_folders_place_empties_no_other_inbox_and_is_told(
    timbang: Dataset, kotor: Dataset, put: Put, linked: str
) -> None:
    others = put(kotor, CONTENT, "a.csv", 0)
    theirs = settings.LANDING / "lain"
    shutil.move(settings.LANDING / kotor.agency, theirs)
    others = theirs / others.relative_to(settings.LANDING / kotor.agency)
    own = settings.LANDING / timbang.agency / timbang.name
    place, target = {
        "agency": (own.parent, theirs),
        "dataset": (own, others.parent.parent),
        "period": (own / "2026-10", others.parent),
    }[linked]
    if linked == "agency":
        others.parent.parent.rename(others.parent.parent.with_name(timbang.name))
        others = theirs / timbang.name / others.parent.name / others.name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)
    assert archive.archive_new(timbang) == []
    assert others.exists()
    [alert] = alerts.lines()
    assert alert["about"] == f"landing/{timbang.agency}/{timbang.name}"
    assert alert["text"].startswith(f"{place.relative_to(settings.LANDING)} is a link")
    place.unlink()
    put(timbang, CONTENT, "b.csv", 1)
    assert [delivery.file_name for delivery in archive.archive_new(timbang)] == ["b.csv"]


def test_receipts_go_forward_when_the_clock_goes_back(
    timbang: Dataset, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Yesterday(archive.datetime):
        @classmethod
        def now(cls, tz: object = None) -> "archive.datetime":
            return archive.datetime(2020, 1, 1, tzinfo=archive.UTC)

    put(timbang, CONTENT, "a.csv", 0)
    [first] = archive.archive_new(timbang)
    put(timbang, CONTENT.replace("ANI", "BUDI"), "b.csv", 1)
    monkeypatch.setattr(archive, "datetime", Yesterday)
    [second] = archive.archive_new(timbang)
    assert second.received_at > first.received_at


def test_an_archive_that_was_plain_is_sealed(timbang: Dataset, put: Put) -> None:
    put(timbang, CONTENT, "a.csv", 0)
    [delivery] = archive.archive_new(timbang)
    delivery.file.write_text(CONTENT)
    assert receive_and_load(timbang) == 1
    assert vault.read_sealed(delivery.file) == CONTENT.encode()
