"""The landing folder on object storage: what agencies put into the bucket comes down and takes the ordinary way.

An object leaves the bucket when the archive has its bytes. A bucket that cannot be used stops no night: what lies in the
local folder is taken, the problem is an alert, and the objects wait.
"""

import filecmp
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from include import settings
from include.archive import deliveries
from include.contract import PERIODS, Dataset
from include.private import keep, open_private, put_in_place
from include.storage import LANDING, Changed, Storage, StorageProblem, is_set, noted
from include.visible import visible

_MOST_NAME_BYTES = 255


@dataclass(frozen=True)
class Fetched:
    """One version of an object, and the file that was made of it."""

    path: str
    etag: str
    file: Path
    sha256: str


@contextmanager
def brought_down(dataset: Dataset) -> Iterator[None]:
    """Bring down what waits for a dataset, let the caller archive it, then remove from the bucket what is archived.

    A kill at any step loses nothing; what comes down a second time is known by its bytes and the time it was put there.
    """
    fetched: list[Fetched] = []
    if is_set(LANDING):
        with noted(LANDING):
            _fetch(Storage(LANDING), dataset, fetched)
    yield
    if fetched:
        with noted(LANDING):
            _remove(Storage(LANDING), dataset, fetched)


def waiting() -> Iterator[tuple[str, str]]:
    """Yield where each object waits, as `<agency>/<dataset>` and its place from there on; nothing where no bucket is named."""
    if not is_set(LANDING):
        return
    bucket = Storage(LANDING)
    for path in sorted(bucket.find()):
        *folders, name = path.removeprefix(f"{bucket.path()}/").split("/")
        if name and not name.startswith((".", "~$")):  # a folder's own mark has no name
            yield "/".join(folders[:2]), "/".join((*folders[2:], name))


def _fetch(bucket: Storage, dataset: Dataset, fetched: list[Fetched]) -> None:
    """Append to `fetched` what came down, in the order in which it was put there.

    What fails ends it: were a correction to come before what it corrects, it would be corrected by that.
    """
    below, odd = f"{bucket.path(dataset.agency, dataset.name)}/", []
    found = bucket.find(dataset.agency, dataset.name).items()
    for path, about in sorted(found, key=lambda one: (one[1]["LastModified"], one[0])):
        period, _, name = path.removeprefix(below).partition("/")
        last = path.rpartition("/")[2]
        if not last or (last.startswith((".", "~$")) and last != ".."):
            continue  # a folder's own mark; a hidden file, as in the local folder
        if not _is_in_place(dataset, period, name):
            odd.append(path)
            continue
        file = settings.LANDING / dataset.agency / dataset.name / period / name
        try:
            sha256 = _bring_down(bucket, path, about, file)
        except Changed:
            continue  # what is there now was put there later
        if sha256 is None:
            break
        fetched.append(Fetched(path, about["ETag"], file, sha256))
    if odd:
        more = f" and {len(odd) - 1:,} more" if len(odd) > 1 else ""
        raise StorageProblem(
            f"{bucket}: {visible(odd[0].removeprefix(below), 100)}{more} of {dataset.agency}/{dataset.name} was left there, as it "
            f"lies in no period's folder; move it to {dataset.agency}/{dataset.name}/<{dataset.period}>/<name>."
        )


def _is_in_place(dataset: Dataset, period: str, name: str) -> bool:
    """Say whether a key is that of one file in a period's folder; all others could lead out of the landing folder."""
    is_name = name not in ("", "..") and not set(name) & {"/", "\0"} and len(os.fsencode(name)) <= _MOST_NAME_BYTES
    return is_name and re.fullmatch(PERIODS[dataset.period], period) is not None


def _bring_down(bucket: Storage, path: str, about: dict[str, Any], file: Path) -> str | None:
    """Make a file of an object, with the time at which it was put there; return its SHA-256.

    Return None when another file of its name waits in the landing folder: that one goes first.
    """
    free = shutil.disk_usage(settings.DATA).free
    if free < 2 * about["size"]:  # in the landing folder and in the archive
        raise StorageProblem(
            f"{bucket}: {visible(file.name, 100)} has {about['size'] / 1e9:.1f} GB, needs twice that while it is taken, and "
            f"{free / 1e9:.1f} GB are free; free some, and the next night takes it."
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    part, hashed = file.with_name(".fetched.part"), hashlib.sha256()
    try:
        with open_private(part) as stream:
            for piece in bucket.pieces(path, about["ETag"]):
                hashed.update(piece)
                stream.write(piece)
            keep(stream)
        if part.stat().st_size != about["size"]:
            raise StorageProblem(f"{bucket}: {visible(file.name, 100)} came down cut off; the next night tries again.")
        if file.exists() and not filecmp.cmp(part, file, shallow=False):
            return None
        moment = about["LastModified"].timestamp()
        os.utime(part, (moment, moment))
        put_in_place(part, file)
    finally:
        part.unlink(missing_ok=True)
    return hashed.hexdigest()


def _remove(bucket: Storage, dataset: Dataset, fetched: list[Fetched]) -> None:
    archived = {delivery.sha256 for delivery in deliveries(dataset)}
    for one in fetched:
        if one.sha256 not in archived or one.file.exists():
            continue
        try:
            bucket.remove(one.path, one.etag)
        except Changed:
            continue  # the next night takes what is there now
