"""Keeps each delivery unaltered and encrypted under the SHA-256 of its bytes, with its receipt beside it.

The archive is the truth from which the working database can be rebuilt at any time. The landing folder is an
inbox: a file leaves it when its bytes and its receipt are on the disk.
"""

import errno
import fcntl
import hashlib
import json
import os
import re
import stat
import time
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from itertools import chain, count
from pathlib import Path
from typing import Any

from include import alerts, settings, vault
from include.contract import PERIODS, Dataset
from include.private import sync_folder, write_private

_SHA256_DIGITS = 64
_PIECE = 2**20
# only where the kernel does not tell us whether a file is still open for writing
_QUIET_SECONDS = 10


class _StillComing(Exception):
    """The file is being written while we read it; the next night takes it."""


@dataclass(frozen=True)
class Delivery:
    """One delivery as it came. `period` is None when the file's folder does not say it.

    `delivery_id` is the SHA-256 of the bytes, with `-2`, `-3` after it when the same bytes came again as news, for whatever dataset.
    """

    delivery_id: str
    agency: str
    dataset: str
    period: str | None
    file_name: str
    bytes: int
    received_at: str
    received_from: str

    @property
    def file(self) -> Path:
        return settings.ARCHIVE / self.agency / self.dataset / self.sha256

    @property
    def sha256(self) -> str:
        return self.delivery_id[:_SHA256_DIGITS]


def archive_new(dataset: Dataset) -> list[Delivery]:
    """Archive every file in the dataset's landing folder and take it out of there; return what is news.

    Files wait in `landing/<agency>/<dataset>/<period>/`; they are taken in order of their modification time,
    so that a correction comes after what it corrects. A kill at any step loses nothing: a file leaves last, and
    one that is archived already only leaves. Raises `KeyProblem` before anything is written.
    """
    found = [path for path in _waiting(dataset) if not path.name.startswith((".", "~$"))]
    files = [path for path in found if stat.S_ISREG(path.lstat().st_mode)]  # no link, pipe or device: it is not theirs
    _seal_older(dataset)
    known = deliveries(dataset)
    after = _newest_receipt() if files else ""
    new = []
    for path in sorted(files, key=lambda path: (path.stat().st_mtime_ns, path.name)):
        try:
            delivery = _take(path, dataset, known, after)
        except _StillComing:
            continue
        except PermissionError as error:
            if not Path(error.filename or path).is_relative_to(settings.LANDING):
                raise  # of our own folders
            place = path.relative_to(settings.LANDING)
            alerts.note(
                f"landing/{dataset.agency}/{dataset.name}",
                f"{place} could not be taken: the file or its folder belongs to another user; give both to the user of the "
                "nights (chown).",
            )
            continue
        if delivery not in known:
            known.append(delivery)
            new.append(delivery)
    return new


def _waiting(dataset: Dataset) -> list[Path]:
    """Return what lies in the dataset's landing folder; a link in a folder's place is told and not followed."""
    folder = settings.LANDING / dataset.agency / dataset.name
    links = [path for path in (folder.parent, folder) if path.is_symlink()]
    found = [] if links else list(folder.rglob("*"))
    for link in links + [path for path in found if path.is_symlink() and path.is_dir()]:
        place = link.relative_to(settings.LANDING)
        alerts.note(
            f"landing/{dataset.agency}/{dataset.name}",
            f"{place} is a link, which may lead to another agency's files: nothing was taken through it; "
            "put a folder in its place.",
        )
    return found


def deliveries(dataset: Dataset) -> list[Delivery]:
    """Return all deliveries of a dataset in order of arrival."""
    names = {field.name for field in fields(Delivery)}
    found = [
        Delivery(**{name: value for name, value in receipt.items() if name in names}) for receipt in _receipts(dataset)
    ]
    return sorted(found, key=lambda delivery: (delivery.received_at, delivery.file_name))


def describe(path: Path, dataset: Dataset, known: list[Delivery], after: str = "") -> Delivery:
    """Return the file as a delivery; its folder's name is the period when it has the contract's form.

    It is received after `after`, a moment, and after all that is `known`, whatever the clock says.

    The same bytes are news only in another period's folder, or when they were put there again after something
    else had come for that period: an agency takes a correction back. Else the known one is returned.
    """
    sha256 = _sha256(path)
    period = path.parent.name if re.fullmatch(PERIODS[dataset.period], path.parent.name) else None
    same = [delivery for delivery in known if (delivery.sha256, delivery.period) == (sha256, period)]
    if same:
        last_of_period = max((r for r in known if r.period == period), key=lambda r: r.received_at)
        if last_of_period == same[-1] or _put_at(path) in _times_put(dataset, same):
            return same[-1]
    return Delivery(
        delivery_id=_free_id(sha256),
        agency=dataset.agency,
        dataset=dataset.name,
        period=period,
        file_name=path.name.encode(errors="backslashreplace").decode(),  # a name may hold bytes that are no UTF-8
        bytes=path.stat().st_size,
        received_at=_now(known, after),
        received_from=_owner(path),
    )


def _free_id(sha256: str) -> str:
    """Return the first id for these bytes that no receipt has, of whatever dataset."""
    folders = list(settings.ARCHIVE.glob("*/*"))
    ids = chain([sha256], (f"{sha256}-{number}" for number in count(2)))
    return next(one for one in ids if not any((folder / f"{one}.json").exists() for folder in folders))


def _take(path: Path, dataset: Dataset, known: list[Delivery], after: str) -> Delivery:
    """Bring one file from the inbox into the archive. Raises `_StillComing` when its agency still writes it."""
    if _is_being_written(path):
        raise _StillComing
    before = path.stat()
    put_at = _put_at(path)
    delivery = describe(path, dataset, known, after)
    if delivery not in known:
        _seal(path, delivery)
        receipt = asdict(delivery) | {"put_at": put_at}
        write_private(
            _receipt(delivery),
            json.dumps(receipt, indent=1, ensure_ascii=False).encode(),
        )
    now = path.stat()
    is_same = (now.st_ino, now.st_size, now.st_mtime_ns) == (before.st_ino, before.st_size, before.st_mtime_ns)
    # else something new was put over it, which the next night takes; in no period's folder it waits to be moved
    if is_same and delivery.period is not None:
        path.unlink()
        sync_folder(path.parent)
    return delivery


def _seal(path: Path, delivery: Delivery) -> None:
    """Encrypt the bytes into the archive; they must be those that were hashed."""
    written = hashlib.sha256()
    with path.open("rb") as stream, vault.sealing(delivery.file) as write:
        settings.ARCHIVE.chmod(0o700)
        while piece := stream.read(_PIECE):
            written.update(piece)
            write(piece)
        if written.hexdigest() != delivery.sha256:
            raise _StillComing


def _seal_older(dataset: Dataset) -> None:
    """Seal what a version that did not encrypt has archived; its name proves that it is the plain file."""
    for path in (settings.ARCHIVE / dataset.agency / dataset.name).glob("?" * _SHA256_DIGITS):
        if not vault.is_sealed(path) and _sha256(path) == path.name:
            vault.write_sealed(path, path.read_bytes())


def _is_being_written(path: Path) -> bool:
    """Ask the kernel whether anybody has the file open for writing (a lease to read is refused then)."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        if error.errno == errno.EACCES:  # another user's file: only its age tells
            return path.stat().st_mtime > time.time() - _QUIET_SECONDS
        return error.errno == errno.EAGAIN
    finally:
        os.close(descriptor)
    return False


def _now(known: list[Delivery], after: str) -> str:
    """Return the time of receipt: now, or just after the last receipt when the clock has gone back."""
    now = datetime.now(UTC)
    if last := max([after, *(delivery.received_at for delivery in known)]):
        now = max(now, datetime.fromisoformat(last) + timedelta(microseconds=1))
    return _text(now)


def _newest_receipt() -> str:
    """Return when the newest delivery of any agency came: what came first decides about links between agencies."""
    receipts = settings.ARCHIVE.glob("*/*/*.json")
    return max((json.loads(path.read_text(encoding="utf-8"))["received_at"] for path in receipts), default="")


def _put_at(path: Path) -> str:
    return _text(datetime.fromtimestamp(path.stat().st_mtime, UTC))


def _times_put(dataset: Dataset, same: list[Delivery]) -> set[str]:
    """Return when the archived files with these bytes had been put into the inbox: one of them is only left over."""
    ids = {delivery.delivery_id for delivery in same}
    return {receipt.get("put_at", "") for receipt in _receipts(dataset) if receipt["delivery_id"] in ids}


def mark_removed(delivery: Delivery, rule: str, day: str) -> None:
    """Write into the receipt under which rule the bytes go; `drop_removed` takes them."""
    path = _receipt(delivery)
    receipt = json.loads(path.read_text(encoding="utf-8")) | {"removed_on": day, "removed_under": rule}
    write_private(path, json.dumps(receipt, indent=1, ensure_ascii=False).encode())


def removed_under(delivery: Delivery) -> str | None:
    """Return when and under which rule the bytes were removed, None while they are kept."""
    receipt = json.loads(_receipt(delivery).read_text(encoding="utf-8"))
    return f"removed on {receipt['removed_on']}, {receipt['removed_under']}" if "removed_on" in receipt else None


def dismiss(delivery: Delivery, by: str, why: str) -> None:
    """Write into the receipt that the delivery, refused or held, is to be told no more; who says so, when and why."""
    path = _receipt(delivery)
    said = {"dismissed_on": _text(datetime.now(UTC)), "dismissed_by": by, "dismissed_because": why}
    receipt = json.loads(path.read_text(encoding="utf-8")) | said
    write_private(path, json.dumps(receipt, indent=1, ensure_ascii=False).encode())


def dismissed(dataset: Dataset) -> list[str]:
    """Return the ids of the dataset's deliveries that a person dismissed."""
    return [receipt["delivery_id"] for receipt in _receipts(dataset) if "dismissed_on" in receipt]


def drop_removed(dataset: Dataset) -> list[Delivery]:
    """Remove the bytes that no receipt needs any more; return all deliveries that are marked as removed."""
    known = deliveries(dataset)
    marked = [delivery for delivery in known if removed_under(delivery)]
    needed = {delivery.sha256 for delivery in known if delivery not in marked}
    for delivery in marked:
        if delivery.sha256 not in needed:
            delivery.file.unlink(missing_ok=True)
    return marked


def _receipt(delivery: Delivery) -> Path:
    return delivery.file.with_name(f"{delivery.delivery_id}.json")


def _receipts(dataset: Dataset) -> list[dict[str, Any]]:
    folder = settings.ARCHIVE / dataset.agency / dataset.name
    return [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")]


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _owner(path: Path) -> str:
    try:
        return path.owner()
    except KeyError:
        return str(path.stat().st_uid)
