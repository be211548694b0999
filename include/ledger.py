"""The record of all that left with names: `data/by_name/ledger.jsonl`, a line per list and per search for one person.

Each line is sealed, with a key of the installation, over itself and the line before it: one that was changed, put in or
taken out breaks the chain, and who has no key cannot make another. `data/by_name.head` says up to which line it went, so
that lines cut from its end are missed too. It names the persons by pseudonyms: after a leak it says whom to notify, and
holds no name itself.
"""

import fcntl
import hashlib
import hmac
import json
import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from include import settings
from include.keys import pseudonym_key
from include.private import write_private
from include.problem import Problem
from include.vault import lasting_key

_FIRST = "0" * 64  # what stands for the line before the first
_SEAL = b', "seal": "%s"}'
_SEAL_BYTES = len(_SEAL % _FIRST.encode())
_REFUSAL = "no name leaves until ledger.jsonl and by_name.head are put back from a copy."


class LedgerBroken(Problem):
    """The ledger is not what was written; the message says from which line on."""


class Ledger:
    """The ledger held open, so that two commands cannot write at once."""

    def __init__(self, stream: BinaryIO, folder: Path) -> None:
        self._stream = stream
        self._head = settings.DATA / f"{folder.name}.head"
        self._key, self._head_key = lasting_key("ledger"), lasting_key("ledger head")
        self._last = self._checked(stream.read(), folder)

    def append(self, entry: dict[str, Any]) -> None:
        """Add a line, on disk before this returns."""
        body = json.dumps(entry, ensure_ascii=False).encode()
        self._last = self._seal(body, self._last)
        self._stream.write(_line(body, self._last) + b"\n")
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._write_head(self._last)

    def _checked(self, content: bytes, folder: Path) -> str:
        """Return the seal of the last line; raise `LedgerBroken` when one is not as it was written, or missing."""
        *lines, torn = content.split(b"\n")
        seals = [_FIRST]
        for number, line in enumerate([*lines, torn] if torn else lines, start=1):
            body = line[:-_SEAL_BYTES] + b"}"
            seal = self._seal(body, seals[-1])
            if line is torn or not hmac.compare_digest(line, _line(body, seal)):
                raise LedgerBroken(f"{_at(folder, number)} is not as it was written; {_REFUSAL}")
            seals.append(seal)
        listed = {json.loads(line).get("file") for line in lines}
        if not lines and not self._head.exists() and not list(folder.glob("*.xlsx")):
            self._write_head(_FIRST)  # else a killed command's first line would stand without one
        head = self._head.read_text(encoding="utf-8") if self._head.exists() else ""
        # a line beyond the head is of a command that was killed: who has no key could not have sealed it
        is_whole = any(hmac.compare_digest(head, self._head_of(seal)) for seal in seals)
        if not is_whole or {path.name for path in folder.glob("*.xlsx")} - listed:
            raise LedgerBroken(f"{_at(folder, len(seals))} and those after it were cut off; {_REFUSAL}")
        return seals[-1]

    def _seal(self, body: bytes, before: str) -> str:
        return hmac.new(self._key, before.encode() + body, hashlib.sha256).hexdigest()

    def _head_of(self, seal: str) -> str:
        return hmac.new(self._head_key, seal.encode(), hashlib.sha256).hexdigest()

    def _write_head(self, seal: str) -> None:
        write_private(self._head, self._head_of(seal).encode())


@contextmanager
def open_ledger(path: Path) -> Iterator[Ledger]:
    """Open the ledger, made when missing, closed to others; raise `LedgerBroken` when its chain does not hold."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a+b") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.seek(0)
        yield Ledger(stream, path.parent)


def user() -> str:
    """Return the user of the operating system, not what the environment says."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user may have no name
        return str(os.getuid())


def pseudonym(subject: str) -> str:
    """Return how the releases name a person (include/release.py)."""
    return hmac.new(pseudonym_key(), subject.encode(), hashlib.sha256).hexdigest()[:20]


def _line(body: bytes, seal: str) -> bytes:
    return body[:-1] + _SEAL % seal.encode()


def _at(folder: Path, number: int) -> str:
    return f"{folder.name}/ledger.jsonl: line {number}"
