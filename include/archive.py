"""Keeps each delivery unaltered under its SHA-256, with its receipt beside it.

The archive is the truth from which the working database can be rebuilt at any time.
"""

import hashlib
import json
import os
import re
import stat
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from include import settings
from include.contract import PERIODS, Dataset

_SHA256_DIGITS = 64


@dataclass(frozen=True)
class Delivery:
    """One delivery as it came. `period` is None when the file's folder does not say it.

    `delivery_id` is the SHA-256 of the bytes, with `-2`, `-3` after it when the same bytes came again as news.
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
    """Archive every file in the dataset's landing folder that is not archived yet; return the new deliveries.

    Files wait in `landing/<agency>/<dataset>/<period>/`; they are taken in order of their modification time,
    so that a correction comes after what it corrects.
    """
    folder = settings.LANDING / dataset.agency / dataset.name
    found = [path for path in folder.rglob("*") if not path.name.startswith((".", "~$"))]
    files = [path for path in found if stat.S_ISREG(path.lstat().st_mode)]  # no link, pipe or device: it is not theirs
    known = deliveries(dataset)
    new = []
    for path in sorted(files, key=lambda path: (path.stat().st_mtime_ns, path.name)):
        delivery = describe(path, dataset, known)
        if delivery not in known:
            _archive(path, delivery)
            known.append(delivery)
            new.append(delivery)
    return new


def deliveries(dataset: Dataset) -> list[Delivery]:
    """Return all deliveries of a dataset in order of arrival."""
    folder = settings.ARCHIVE / dataset.agency / dataset.name
    found = [Delivery(**json.loads(path.read_text(encoding="utf-8"))) for path in folder.glob("*.json")]
    return sorted(found, key=lambda delivery: (delivery.received_at, delivery.file_name))


def describe(path: Path, dataset: Dataset, known: list[Delivery]) -> Delivery:
    """Return the file as a delivery; its folder's name is the period when it has the contract's form.

    The same bytes are news only in another period's folder, or when they were put there again after something
    else had come for that period: an agency takes a correction back. Else the known one is returned.
    """
    now = _text(datetime.now(UTC))
    sha256 = _sha256(path)
    period = path.parent.name if re.fullmatch(PERIODS[dataset.period], path.parent.name) else None
    same_bytes = [delivery for delivery in known if delivery.sha256 == sha256]
    same = [delivery for delivery in same_bytes if delivery.period == period]
    if same:
        put_there = _text(datetime.fromtimestamp(path.stat().st_mtime, UTC))
        last_of_period = max((r for r in known if r.period == period), key=lambda r: r.received_at)
        if last_of_period == same[-1] or not last_of_period.received_at < put_there <= now:
            return same[-1]
    return Delivery(
        delivery_id=f"{sha256}-{len(same_bytes) + 1}" if same_bytes else sha256,
        agency=dataset.agency,
        dataset=dataset.name,
        period=period,
        file_name=path.name.encode(errors="backslashreplace").decode(),  # a name may hold bytes that are no UTF-8
        bytes=path.stat().st_size,
        received_at=now,
        received_from=_owner(path),
    )


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _archive(path: Path, delivery: Delivery) -> None:
    delivery.file.parent.mkdir(parents=True, exist_ok=True)
    settings.ARCHIVE.chmod(0o700)
    _write_whole(delivery.file, path.read_bytes())
    _write_whole(
        delivery.file.with_name(f"{delivery.delivery_id}.json"),
        json.dumps(asdict(delivery), indent=1, ensure_ascii=False).encode(),
    )


def _write_whole(target: Path, content: bytes) -> None:
    """Write beside the target and rename, so that a killed night leaves a whole file or none."""
    part = target.with_suffix(".part")
    with part.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(target)


def _owner(path: Path) -> str:
    try:
        return path.owner()
    except KeyError:
        return str(path.stat().st_uid)
