"""Files that only their owner may read: written whole or not at all, and plain text that lies on disk only for a while."""

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from include import settings

# of this process and what it was forked from: where each spills, under which process and in which scratch folder
_SPILLS: dict[tuple[int, Path], Path] = {}


def write_private(target: Path, content: bytes) -> None:
    """Write a file of mode 0600 in one step: a killed night or a full disk leaves the old file or the new one, whole."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    try:
        with open_private(part) as stream:
            stream.write(content)
            keep(stream)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    put_in_place(part, target)


def open_private(path: Path) -> BinaryIO:
    """Open an empty file of mode 0600 for writing."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def keep(stream: BinaryIO) -> None:
    """Wait until what was written is on the disk."""
    stream.flush()
    os.fsync(stream.fileno())


def put_in_place(part: Path, target: Path) -> None:
    """Rename over the target, and wait until the folder that names it is on the disk too."""
    part.replace(target)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the names in the folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give an empty folder (0700) for plain text while a file is read; it is gone afterwards.

    What a killed process left there is purged by the next one that comes.
    """
    folder, descriptor = _make("reading-", settings.DATA / "scratch")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def purge_scratch() -> None:
    """Remove the plain text that killed processes left behind."""
    with _alone(settings.DATA / "scratch") as scratch:
        _purge(scratch)


def spill_folder(scratch: Path | None = None) -> Path:
    """Return where DuckDB puts what does not fit into this process's memory (encrypted); gone when the process ends.

    Each process has its own: two would overwrite each other's files, and DuckDB does not start to encrypt beside a
    file that lies there already, as one does when the kernel ends a process for its memory.
    """
    scratch = scratch or settings.DATA / "scratch"
    key = (os.getpid(), scratch)
    if key not in _SPILLS or not _SPILLS[key].exists():
        _SPILLS[key], _ = _make("spill-", scratch)
        atexit.register(_end_spill, key)
    return _SPILLS[key]


def _end_spill(key: tuple[int, Path]) -> None:
    if os.getpid() == key[0]:  # a forked child that ends must not take its parent's
        shutil.rmtree(_SPILLS[key], ignore_errors=True)


def _make(prefix: str, scratch: Path) -> tuple[Path, int]:
    """Make a folder that is locked as long as this process lives, or the descriptor is open."""
    with _alone(scratch):
        _purge(scratch)
        folder = Path(tempfile.mkdtemp(dir=scratch, prefix=prefix))
        descriptor = os.open(folder, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    return folder, descriptor


@contextmanager
def _alone(scratch: Path) -> Iterator[Path]:
    """Lock the scratch folder for the moment in which folders are made or purged."""
    scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch.chmod(0o700)
    with alone_in(scratch):
        yield scratch


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other process or thread is alone in this folder, and keep them out; not to be entered twice."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _purge(scratch: Path) -> None:
    for folder in [*scratch.glob("reading-*"), *scratch.glob("spill-*")]:
        try:
            descriptor = os.open(folder, os.O_RDONLY)
        except FileNotFoundError:
            continue  # whoever made it has just removed it
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue  # its process lives
        else:
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(descriptor)
