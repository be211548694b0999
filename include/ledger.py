"""The record of every list with names that left: `data/by_name/ledger.jsonl`, one line per list, chained by hashes.

Each line holds the SHA-256 of the line before it, so a line changed or taken out breaks the chain. It names the
persons by the pseudonyms of the releases: after a leak it says whom to notify, and holds no name itself.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from include.problem import Problem

_FIRST = "0" * 64


class LedgerBroken(Problem):
    """The ledger is not what was written; the message names the line."""


class Ledger:
    """The ledger held open, so that two commands cannot write at once."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._last = _check(stream.read(), name)

    def append(self, entry: dict[str, Any]) -> None:
        """Add a line, on disk before this returns."""
        line = json.dumps(entry | {"before": self._last}, ensure_ascii=False).encode()
        self._stream.write(line + b"\n")
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._last = hashlib.sha256(line).hexdigest()


@contextmanager
def open_ledger(path: Path) -> Iterator[Ledger]:
    """Open the ledger, made when missing, closed to others; raise `LedgerBroken` when its chain does not hold."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a+b") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.seek(0)
        yield Ledger(stream, path.name)


def _check(content: bytes, name: str) -> str:
    """Return the hash of the last line."""
    before = _FIRST
    *lines, rest = content.split(b"\n")
    for number, line in enumerate(lines + ([rest] if rest else []), start=1):
        try:
            is_chained = json.loads(line)["before"] == before
        except (ValueError, KeyError, TypeError):
            is_chained = False
        if not is_chained or line is rest:
            raise LedgerBroken(f"{name}: line {number} is not as it was written; no list leaves until it is restored.")
        before = hashlib.sha256(line).hexdigest()
    return before
