"""Receives deliveries: keeps each file unaltered under its SHA-256, with a receipt beside it.

The archive is the truth from which the working database can be rebuilt at any time.
"""

import hashlib
import json
import os
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from include import settings
from include.contract import PERIODS, Dataset


@dataclass(frozen=True)
class Receipt:
    """One delivery as it came. `delivery_id` is the SHA-256 of the bytes; `period` is None when unreadable."""

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
        return settings.ARCHIVE / self.agency / self.dataset / self.delivery_id


def receive_waiting(dataset: Dataset) -> list[Receipt]:
    """Archive every file in the dataset's landing folder that is not there yet; return the new receipts.

    Files wait in `landing/<agency>/<dataset>/<period>/`; they are taken in order of their modification time,
    so that a correction comes after what it corrects. The same bytes again are not a new delivery.
    """
    folder = settings.LANDING / dataset.agency / dataset.name
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith((".", "~$"))]
    new = []
    for path in sorted(files, key=lambda path: (path.stat().st_mtime_ns, path.name)):
        receipt = make_receipt(path, dataset)
        if not _receipt_path(receipt.file).exists():
            _archive(path, receipt)
            new.append(receipt)
    return new


def receipts(dataset: Dataset) -> list[Receipt]:
    """Return all deliveries of a dataset in order of arrival."""
    folder = settings.ARCHIVE / dataset.agency / dataset.name
    found = [Receipt(**json.loads(path.read_text(encoding="utf-8"))) for path in folder.glob("*.json")]
    return sorted(found, key=lambda receipt: (receipt.received_at, receipt.file_name))


def make_receipt(path: Path, dataset: Dataset) -> Receipt:
    """Return the receipt of a file; its folder's name is the period when it has the contract's form."""
    period = path.parent.name
    return Receipt(
        delivery_id=_sha256(path),
        agency=dataset.agency,
        dataset=dataset.name,
        period=period if re.fullmatch(PERIODS[dataset.period], period) else None,
        file_name=path.name,
        bytes=path.stat().st_size,
        received_at=datetime.now(UTC).isoformat(timespec="microseconds"),
        received_from=_owner(path),
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _archive(path: Path, receipt: Receipt) -> None:
    receipt.file.parent.mkdir(parents=True, exist_ok=True)
    settings.ARCHIVE.chmod(0o700)
    _write_whole(receipt.file, path.read_bytes())
    _write_whole(_receipt_path(receipt.file), json.dumps(asdict(receipt), indent=1, ensure_ascii=False).encode())


def _write_whole(target: Path, content: bytes) -> None:
    """Write beside the target and rename, so that a killed night leaves a whole file or none."""
    part = target.with_suffix(".part")
    with part.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(target)


def _receipt_path(file: Path) -> Path:
    return file.with_suffix(".json")


def _owner(path: Path) -> str:
    try:
        return path.owner()
    except KeyError:
        return str(path.stat().st_uid)
