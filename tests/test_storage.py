"""Landing and releases on object storage, against moto's S3 server on loopback: real requests, no store outside."""

import hashlib
import json
import os
import shutil
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.request import Request, urlopen

import pytest
from moto.server import ThreadedMotoServer

from include import alerts, archive, inbox, ingest, release_copy, report, settings, storage, warehouse
from include.archive import archive_new, deliveries
from include.contract import Dataset
from include.manifest import write_manifests
from include.release import switch_current
from include.storage import LANDING, PUBLIC_COPY, TASK_FORCE_COPY, Storage
from include.synthetic.__main__ import SEED, write_regency
from include.synthetic.population import SIZES
from tests.night import Night, run_night
from tests.ordeal.alike import digest

INBOX, PUBLIC, TEAM = "kiriman", "umum", "tim"
KEY = {"conn_type": "aws", "login": "a-key", "password": "its-other-half"}  # pragma: allowlist secret
FIRST, SECOND, THIRD = (f"2026-11-{day}T150000.000000Z" for day in (26, 27, 28))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    started = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    started.start()
    host, port = started.get_host_and_port()
    yield f"http://{host}:{port}"
    started.stop()


@pytest.fixture
def store(server: str, data: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Three empty buckets, and the key to them in the connection `gudang`."""
    extra = {"endpoint_url": server, "region_name": "us-east-1"}
    monkeypatch.setenv("AIRFLOW_CONN_GUDANG", json.dumps(KEY | {"extra": extra}))
    monkeypatch.setenv(LANDING, f"s3://gudang@{INBOX}/in")
    for setting in (PUBLIC_COPY, TASK_FORCE_COPY):
        monkeypatch.delenv(setting, raising=False)
    urlopen(Request(f"{server}/moto-api/reset", method="POST")).close()
    files = Storage(LANDING)._root.fs
    for bucket in (INBOX, PUBLIC, TEAM):
        files.call_s3("create_bucket", Bucket=bucket)
    return files


def put(store: Any, dataset: Dataset, key: str, content: bytes) -> str:
    path = f"{INBOX}/in/{dataset.agency}/{dataset.name}/{key}"
    store.pipe_file(path, content)
    return path


def left(store: Any, bucket: str = INBOX) -> list[str]:
    return sorted(path.removeprefix(f"{bucket}/") for path in store.find(bucket))


def take(dataset: Dataset) -> list[str]:
    """Do what *receive* does before it looks at the database; return the names of what was news."""
    with inbox.brought_down(dataset):
        return [delivery.file_name for delivery in archive_new(dataset)]


def told() -> list[str]:
    return [line["text"] for line in alerts.lines()]


def backdate(monkeypatch: pytest.MonkeyPatch, minutes: dict[str, int]) -> None:
    """Let objects have been put there some minutes after some moment of yesterday: a store's clock cannot be set."""
    find, yesterday = Storage.find, datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)

    def found(self: Storage, *below: str) -> dict[str, dict[str, Any]]:
        return {
            path: about | {"LastModified": yesterday + timedelta(minutes=minutes[path.rpartition("/")[2]])}
            for path, about in find(self, *below).items()
        }

    monkeypatch.setattr(Storage, "find", found)


def test_what_waits_in_the_bucket_is_taken_in_the_order_it_came_and_leaves(
    store: Any, timbang: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, timbang, "2026-10/a koreksi #2?.csv", b"second")
    put(store, timbang, "2026-10/b%20.csv", b"first")
    put(store, timbang, "2026-09/c.csv", b"")
    backdate(monkeypatch, {"a koreksi #2?.csv": 2, "b%20.csv": 1, "c.csv": 3})
    assert take(timbang) == ["b%20.csv", "a koreksi #2?.csv", "c.csv"]
    assert [(d.period, d.sha256) for d in deliveries(timbang)] == [
        ("2026-10", hashlib.sha256(b"first").hexdigest()),
        ("2026-10", hashlib.sha256(b"second").hexdigest()),
        ("2026-09", hashlib.sha256(b"").hexdigest()),
    ]
    assert left(store) == []
    assert [path for path in settings.LANDING.rglob("*") if path.is_file()] == []
    assert take(timbang) == []
    assert told() == []


def test_a_key_that_leads_elsewhere_stays_and_is_told_in_one_sentence(store: Any, data: Path, timbang: Dataset) -> None:
    odd = ["2026-10/../../../../x.csv", "/etc/x.csv", "2026-10/sub/x.csv", "x.csv", "2026-13/x.csv", "2026-10/.."]
    odd += [f"2026-10/{'n' * 256}"]
    for key in odd:
        put(store, timbang, key, b"x")
    hidden = ["2026-10/.coming.csv", ".DS_Store", "2026-10/sub/.DS_Store", "~$a.xlsx"]
    for key in hidden:
        put(store, timbang, key, b"x")
    put(store, timbang, "2026-10/good.csv", b"good")
    store.call_s3("put_object", Bucket=INBOX, Key=f"in/{timbang.agency}/{timbang.name}/2026-10/", Body=b"")
    assert take(timbang) == ["good.csv"]
    assert len(left(store)) == len(odd) + len(hidden) + 1
    [text] = told()
    assert "and 6 more of uji/timbang was left there, as it lies in no period's folder" in text
    assert not [path for path in data.parent.rglob("x.csv")]
    assert [path for path in settings.LANDING.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("killed_at", ["inbox.put_in_place", "archive._seal", "archive.write_private", "inbox._remove"])
def test_a_kill_loses_nothing_and_nothing_is_taken_twice(
    store: Any, timbang: Dataset, monkeypatch: pytest.MonkeyPatch, killed_at: str
) -> None:
    put(store, timbang, "2026-10/a.csv", b"first")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    module, function = killed_at.split(".")
    with monkeypatch.context() as patch:
        patch.setattr({"inbox": inbox, "archive": archive}[module], function, killed)
        with pytest.raises(KeyboardInterrupt):
            take(timbang)
    assert len(left(store)) == 1
    take(timbang)
    assert [delivery.sha256 for delivery in deliveries(timbang)] == [hashlib.sha256(b"first").hexdigest()]
    assert left(store) == []
    assert told() == []


@pytest.mark.parametrize("lost", [False, True])
def test_what_the_archive_does_not_have_stays_in_the_bucket(store: Any, timbang: Dataset, lost: bool) -> None:
    put(store, timbang, "2026-10/a.csv", b"first")
    with inbox.brought_down(timbang):
        [file] = [path for path in settings.LANDING.rglob("*") if path.is_file()]
        if lost:
            file.unlink()
    assert len(left(store)) == 1
    assert take(timbang) == ["a.csv"]
    assert left(store) == []


@pytest.mark.parametrize("moment", ["while it is read", "before it is removed"])
def test_an_object_that_changes_meanwhile_is_left_for_the_next_night(
    store: Any, timbang: Dataset, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    path = put(store, timbang, "2026-10/a.csv", b"old")
    with monkeypatch.context() as patch:
        if moment == "while it is read":
            opened = inbox.open_private
            patch.setattr(inbox, "open_private", lambda part: (store.pipe_file(path, b"new"), opened(part))[1])
        else:
            archived = inbox.deliveries
            patch.setattr(inbox, "deliveries", lambda one: (store.pipe_file(path, b"new"), archived(one))[1])
        first = take(timbang)
    assert first == ([] if moment == "while it is read" else ["a.csv"])
    assert store.cat_file(path) == b"new"
    assert take(timbang) == ["a.csv"]
    assert deliveries(timbang)[-1].sha256 == hashlib.sha256(b"new").hexdigest()
    assert left(store) == []
    assert told() == []


def test_the_store_itself_holds_back_what_changes_between_look_and_removal(store: Any, timbang: Dataset) -> None:
    path = put(store, timbang, "2026-10/a.csv", b"old")
    etag = store.info(path)["ETag"]
    bucket = Storage(LANDING)
    look = bucket._root.fs.info

    def changes_after_the_look(path: str) -> dict[str, Any]:
        seen = look(path)
        store.pipe_file(path, b"new")
        return seen

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bucket._root.fs, "info", changes_after_the_look)
        with pytest.raises(storage.Changed):
            bucket.remove(path, etag)
    assert store.cat_file(path) == b"new"


def test_another_file_of_the_same_name_in_the_local_folder_goes_first(store: Any, timbang: Dataset) -> None:
    put(store, timbang, "2026-10/a.csv", b"from the bucket")
    file = settings.LANDING / timbang.agency / timbang.name / "2026-10" / "a.csv"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"by hand")
    assert take(timbang) == ["a.csv"]
    assert len(left(store)) == 1
    assert take(timbang) == ["a.csv"]
    assert left(store) == []
    assert [delivery.bytes for delivery in deliveries(timbang)] == [7, 15]


def test_what_fails_is_not_passed_by_what_came_later(
    store: Any, timbang: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.csv", "b.csv", "c.csv"):
        put(store, timbang, f"2026-10/{name}", name.encode())
    pieces = Storage.pieces

    def broken(self: Storage, path: str, etag: str) -> Iterator[bytes]:
        if path.endswith("b.csv"):
            raise storage.StorageProblem("it broke")
        return pieces(self, path, etag)

    with monkeypatch.context() as patch:
        patch.setattr(Storage, "pieces", broken)
        assert take(timbang) == ["a.csv"]
    assert told() == ["it broke"]
    assert len(left(store)) == 2
    assert take(timbang) == ["b.csv", "c.csv"]


def test_no_room_on_the_disk_leaves_the_object(store: Any, timbang: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, timbang, "2026-10/a.csv", b"12345678")
    with monkeypatch.context() as patch:
        patch.setattr(inbox.shutil, "disk_usage", lambda _: SimpleNamespace(free=15))
        assert take(timbang) == []
    assert "free some" in told()[0]
    assert take(timbang) == ["a.csv"]


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("gs://kiriman/in", "write s3://bucket/folder"),
        ("kiriman", "write s3://bucket/folder"),
        ("s3://a-key:its-other-half@kiriman/in", "Keys never stand in it"),  # pragma: allowlist secret
        ("s3://gudang@nirgends/in", "there is no such bucket"),
        ("s3://belum_ada@kiriman/in", "which Airflow does not know"),
        ("s3://jauh@kiriman/in", "cannot be reached"),
        ("s3://gudang@umum/in", "which everybody may read"),
        ("s3://kiriman/in", "no key was given"),
    ],
)
def test_a_wrong_setting_is_one_sentence_and_the_local_folder_is_taken(
    store: Any, timbang: Dataset, monkeypatch: pytest.MonkeyPatch, url: str, word: str
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    extra = {"endpoint_url": "http://127.0.0.1:1", "region_name": "us-east-1"}
    monkeypatch.setenv("AIRFLOW_CONN_JAUH", json.dumps(KEY | {"extra": extra}))
    monkeypatch.setenv(PUBLIC_COPY, f"s3://gudang@{PUBLIC}")
    monkeypatch.setenv(LANDING, url)
    file = settings.LANDING / timbang.agency / timbang.name / "2026-10" / "a.csv"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"by hand")
    assert take(timbang) == ["a.csv"]
    [text] = told()
    assert word in text
    assert text.startswith(LANDING)
    assert "\n" not in text
    assert KEY["password"] not in (settings.DATA / "alerts.jsonl").read_text(encoding="utf-8")


def test_a_store_that_is_silent_is_given_up(data: Path, timbang: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:  # nobody takes the calls
        extra = {"endpoint_url": f"http://127.0.0.1:{listening.getsockname()[1]}", "region_name": "us-east-1"}
        monkeypatch.setenv("AIRFLOW_CONN_DIAM", json.dumps(KEY | {"extra": extra}))
        monkeypatch.setenv(LANDING, f"s3://diam@{INBOX}/in")
        monkeypatch.setattr(storage, "_PATIENCE", storage._PATIENCE | {"read_timeout": 0.2})
        assert take(timbang) == []
    assert "cannot be reached" in told()[0]


def test_what_no_dataset_takes_from_the_bucket_is_an_alert(
    store: Any, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("dinkes/penimbangan/2026-10/a.csv", "dinkes/penimbangn/2026-10/b.csv", "loose.csv", ".hidden", "desa/"):
        store.call_s3("put_object", Bucket=INBOX, Key=f"in/{key}", Body=b"x")

    def told_of() -> dict[str, str]:
        with warehouse.connect() as con:
            return {alert.about: alert.text for alert in alerts.what_stands(con) if alert.kind == "misplaced"}

    about = "bucket of TEGAK_LANDING/"
    assert told_of().keys() == {about, f"{about}dinkes/penimbangn"}
    assert "lies there: 2026-10/b.csv; move it" in told_of()[f"{about}dinkes/penimbangn"]
    assert "nearest: dinkes/penimbangan" in told_of()[f"{about}dinkes/penimbangn"]
    monkeypatch.setenv(LANDING, "s3://gudang@tidak-ada/in")
    assert told_of() == {}  # *receive* tells of a bucket that is not there


def test_what_stands_is_told_at_the_end_of_the_night(
    data: Path, timbang: Dataset, kotor: Dataset, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = datetime.now(UTC)
    monkeypatch.setenv(LANDING, "kiriman")
    for dataset in (timbang, kotor):
        take(dataset)
    assert alerts.tell([], {})["new"] == 1
    [alert] = alerts.read_record().standing.values()
    assert (alert.kind, alert.about) == ("failed", "object storage (TEGAK_LANDING)")
    report.show_alerts(alerts.lines(), begun)
    assert capsys.readouterr().out.count("object storage: TEGAK_LANDING is no address") == 1


def test_without_settings_nothing_is_asked(data: Path, timbang: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in (LANDING, PUBLIC_COPY, TASK_FORCE_COPY):
        monkeypatch.delenv(setting, raising=False)

    def asked(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(inbox, "Storage", asked)
    monkeypatch.setattr(release_copy, "Storage", asked)
    assert ingest.receive(timbang) == []
    release_copy.copy_current()


def contents(archive: Path) -> set[str]:
    """Return the hashes of what lies there; the same bytes once more within a second of the store's clock are no news."""
    return {path.stem.partition("-")[0] for path in archive.rglob("*.json")}


def test_a_whole_night_over_object_storage_equals_one_from_the_disk(
    server: str, store: Any, night: Night, tmp_path: Path
) -> None:
    """All that agencies deliver comes from a bucket, both zones go to two others; numbers and pages are the same.

    The night before, the bucket is empty: it ends well and builds nothing; all that is told is who has not delivered.
    """
    home = tmp_path / "night"
    (home / "data").mkdir(parents=True)
    shutil.copy(night.home / ".env", home / ".env")
    places = {LANDING: f"s3://gudang@{INBOX}/in", PUBLIC_COPY: f"s3://gudang@{PUBLIC}/tegak"}
    places |= {TASK_FORCE_COPY: f"s3://gudang@{TEAM}/tegak"}
    early = run_night(home, **places)
    assert early.code == 0, early.output
    assert "Nothing was delivered yet, so nothing is published" in " ".join(early.output.split())
    assert not (home / "data" / "current").exists()
    told_early = (home / "data" / "alerts.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["kind"] for line in told_early} == {"late"}
    landing = tmp_path / "landing"
    write_regency(SIZES["tiny"], landing, tmp_path / "truth", SEED)
    for file in sorted(path for path in landing.rglob("*") if path.is_file()):
        store.put_file(str(file), f"{INBOX}/in/{file.relative_to(landing)}")
    done = run_night(home, **places)
    assert done.code == 0, done.output
    assert left(store) == [], "every object was taken"
    assert contents(home / "data" / "archive") == contents(night.data / "archive")
    release = done.release()
    for bucket, zone in ((PUBLIC, "public"), (TEAM, "task_force")):
        assert whole_release(store, bucket, zone) == release.name
    names = sorted(path.relative_to(release / "public") for path in (release / "public").rglob("*.parquet"))
    assert len(names) > 20
    for name in names:
        assert digest(release / "public" / name, release.name) == digest(night.public() / name, night.release().name), (
            name
        )


def make_release(name: str) -> Path:
    """Write a release as `release.py` does, of three small files, and make it current."""
    release = settings.RELEASES / name
    files = {
        "public/tegak.duckdb": b"public",
        "public/site/index.html": name.encode(),
        "task_force/tegak.duckdb": b"exact counts",
        "task_force/behind_public.parquet": b"behind",
        "dictionary.csv": b"words",
    }
    for path, content in files.items():
        (release / path).parent.mkdir(parents=True, exist_ok=True)
        (release / path).write_bytes(content)
    hashes = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    write_manifests(release, {"release": name, "as_of": {"uji/timbang": "2026-10"}, "disclosure": {}}, hashes)
    switch_current(release)
    return release


def whole_release(store: Any, bucket: str, zone: str) -> str:
    """Read a bucket as its readers do: pointer, manifest, files; return the release's name when all hashes are right."""
    pointer = json.loads(store.cat_file(f"{bucket}/tegak/{zone}/current.json"))
    folder = f"{bucket}/tegak/{zone}/{pointer['release']}"
    manifest = store.cat_file(f"{folder}/manifest.json")
    assert hashlib.sha256(manifest).hexdigest() == pointer["manifest_sha256"]
    for name, sha256 in json.loads(manifest)["files"].items():
        assert hashlib.sha256(store.cat_file(f"{folder}/{name}")).hexdigest() == sha256
    return pointer["release"]


@pytest.fixture
def copies(store: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv(PUBLIC_COPY, f"s3://gudang@{PUBLIC}/tegak")
    return store


def test_the_public_zone_alone_is_copied_unless_the_task_forces_is_asked_for(
    copies: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_release(FIRST)
    release_copy.copy_current()
    assert left(copies, PUBLIC) == [
        f"tegak/public/{FIRST}/dictionary.csv",
        f"tegak/public/{FIRST}/manifest.json",
        f"tegak/public/{FIRST}/site/index.html",
        f"tegak/public/{FIRST}/tegak.duckdb",
        "tegak/public/current.json",
    ]
    assert whole_release(copies, PUBLIC, "public") == FIRST
    assert b"task_force" not in copies.cat_file(f"{PUBLIC}/tegak/public/{FIRST}/manifest.json")
    assert copies.info(f"{PUBLIC}/tegak/public/{FIRST}/site/index.html")["ContentType"] == "text/html"
    assert left(copies, TEAM) == left(copies, INBOX) == []
    monkeypatch.setenv(TASK_FORCE_COPY, f"s3://gudang@{TEAM}/tegak")
    release_copy.copy_current()
    assert whole_release(copies, TEAM, "task_force") == FIRST
    assert "behind_public" not in "".join(left(copies, TEAM))
    assert told() == []


def test_the_task_forces_zone_never_goes_into_the_publics_bucket(copies: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    make_release(FIRST)
    monkeypatch.setenv(TASK_FORCE_COPY, f"s3://gudang@{PUBLIC}/closed")
    release_copy.copy_current()
    assert {path.split("/")[1] for path in left(copies, PUBLIC)} == {"public"}
    assert "name another bucket" in told()[0]


@pytest.mark.parametrize("failing", range(5))
def test_readers_keep_the_whole_old_release_whichever_write_fails(
    copies: Any, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    make_release(FIRST)
    release_copy.copy_current()
    make_release(SECOND)
    write, written = Storage.put, []

    def fails(self: Storage, path: str, content: bytes, **head: str) -> None:
        if len(written) == failing:
            raise storage.StorageProblem("no more")
        written.append(path)
        write(self, path, content, **head)

    with monkeypatch.context() as patch:
        patch.setattr(Storage, "put", fails)
        release_copy.copy_current()
    assert told() == ["no more"]
    assert whole_release(copies, PUBLIC, "public") == FIRST
    release_copy.copy_current()
    assert whole_release(copies, PUBLIC, "public") == SECOND


def test_a_night_without_news_writes_nothing(copies: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PUBLIC_COPY, f"s3://gudang@{PUBLIC}")  # no folder
    make_release(FIRST)
    release_copy.copy_current()
    assert left(copies, PUBLIC)[-1] == "public/current.json"

    def written(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(Storage, "put", written)
    release_copy.copy_current()


def test_a_damaged_file_is_not_copied(copies: Any) -> None:
    (make_release(FIRST) / "public" / "tegak.duckdb").write_bytes(b"another")
    release_copy.copy_current()
    assert "current.json" not in "".join(left(copies, PUBLIC))
    assert "is not what its manifest says" in told()[0]


def test_the_bucket_keeps_the_release_and_the_one_before(copies: Any) -> None:
    for name in (FIRST, SECOND, THIRD):
        make_release(name)
        release_copy.copy_current()
    kept = {path.split("/")[2] for path in left(copies, PUBLIC)}
    assert kept == {SECOND, THIRD, "current.json"}
    half = "2026-11-27T200000.000000Z"
    copies.pipe_file(f"{PUBLIC}/tegak/public/{half}/tegak.duckdb", b"of a night that was killed")
    copies.pipe_file(f"{PUBLIC}/tegak/public/readme.txt", b"the regency's own")
    release_copy.copy_current()
    kept = {path.split("/")[2] for path in left(copies, PUBLIC)}
    assert kept == {SECOND, THIRD, "current.json", "readme.txt"}
    (settings.RELEASES / SECOND).rename(settings.RELEASES / ".gone")  # as retention does
    release_copy.copy_current()
    assert SECOND not in {path.split("/")[2] for path in left(copies, PUBLIC)}
    assert told() == []
