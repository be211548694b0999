"""Encrypts what lies in the private zone: files sealed chunk by chunk with AES-256-GCM, and keys for other engines.

A sealed file is `MAGIC`, the id of its data key (4 bytes), a salt (16 bytes), then chunks of 1 MiB, each with its
own tag. The salt makes a key of its own for every file; the nonce is the chunk's number and says which is the
last, so that chunks can be neither cut off, repeated, nor moved. `keyring.json` holds the data keys.
"""

import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from include import keyring, settings
from include.keyring import MAGIC, Keyring
from include.keys import derive
from include.private import keep, open_private, put_in_place, scratch_folder
from include.problem import Problem

_CHUNK = 2**20
_TAG = 16
_SALT = 16
_KEY_ID = 4
# without 0 and o, 1, i and l: read aloud on the telephone, typed by hand
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class SealBroken(Problem):
    """A sealed file cannot be opened: it was cut, changed, or sealed with a key that is gone."""


def data_key(purpose: str, folder: Path | None = None, make: bool = True) -> bytes:
    """Return the newest data key for one purpose (32 bytes); `make rotate-key DATA=1` changes it.

    `folder` is the data folder whose keyring counts. Raises `KeyProblem`.
    """
    ring = (keyring.load_or_make if make else keyring.load)(folder or settings.DATA)
    return derive(ring.data_keys[ring.newest], purpose)


def lasting_key(purpose: str) -> bytes:
    """Return a key of 32 bytes that no rotation changes, for what must be found again later: tickets, passwords."""
    return derive(keyring.load_or_make(settings.DATA).lasting, purpose)


def password(agency: str) -> str:
    """Return the agency's password for workbooks: 16 letters and digits in groups of four, the same for good."""
    stream = int.from_bytes(lasting_key(f"password {agency}"))
    letters = []
    for _ in range(16):
        stream, rest = divmod(stream, len(_LETTERS))
        letters.append(_LETTERS[rest])
    return "-".join("".join(letters[i : i + 4]) for i in range(0, 16, 4))


def write_sealed(path: Path, content: bytes) -> None:
    """Encrypt into a file of mode 0600, in one step. Raises `KeyProblem` before anything is written."""
    with sealing(path) as write:
        write(content)


@contextmanager
def sealing(path: Path) -> Iterator["_Sealer"]:
    """Encrypt what is written piece by piece; the file stands when the block ends well, else nothing has changed."""
    ring = keyring.load_or_make(settings.DATA)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        with open_private(part) as stream:
            sealer = _Sealer(stream, ring)
            yield sealer
            sealer.finish()
            keep(stream)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    put_in_place(part, path)


def read_sealed(path: Path) -> bytes:
    """Return the plain bytes. Raises `KeyProblem`, or `SealBroken` when one bit is not as it was written."""
    return b"".join(_chunks(path))


def seal_again(path: Path) -> None:
    """Replace a sealed file by the same bytes under the newest data key, in one step."""
    with sealing(path) as write:
        for chunk in _chunks(path):
            write(chunk)


@contextmanager
def opened(path: Path) -> Iterator[Path]:
    """Give a plain copy of a sealed file in the scratch folder as long as the block lasts."""
    with scratch_folder() as folder:
        plain = folder / "plain"
        with plain.open("wb") as stream:
            for chunk in _chunks(path):
                stream.write(chunk)
        yield plain


def is_sealed(path: Path) -> bool:
    """Say whether the file begins like a sealed one."""
    with path.open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


def key_id(path: Path) -> str:
    """Return the id of the data key that sealed the file."""
    with path.open("rb") as stream:
        return stream.read(len(MAGIC) + _KEY_ID)[len(MAGIC) :].hex()


class _Sealer:
    """Cuts what is written into chunks and encrypts each."""

    def __init__(self, stream: BinaryIO, ring: Keyring) -> None:
        salt = secrets.token_bytes(_SALT)
        self._header = MAGIC + bytes.fromhex(ring.newest) + salt
        self._cipher = AESGCM(derive(ring.data_keys[ring.newest], "file", salt))
        self._stream, self._waiting, self._number = stream, bytearray(), 0
        stream.write(self._header)

    def __call__(self, content: bytes) -> None:
        self._waiting += content
        while len(self._waiting) > _CHUNK:
            self._write(bytes(self._waiting[:_CHUNK]), is_last=False)
            del self._waiting[:_CHUNK]

    def finish(self) -> None:
        self._write(bytes(self._waiting), is_last=True)

    def _write(self, chunk: bytes, is_last: bool) -> None:
        self._stream.write(self._cipher.encrypt(_nonce(self._number, is_last), chunk, self._header))
        self._number += 1


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11) + bytes([is_last])


def _chunks(path: Path) -> Iterator[bytes]:
    ring = keyring.load(settings.DATA)
    with path.open("rb") as stream:
        header = stream.read(len(MAGIC) + _KEY_ID + _SALT)
        if not hmac.compare_digest(header[: len(MAGIC)], MAGIC):
            raise SealBroken(f"{path.name} is not sealed; take it from a copy of the archive.")
        key = ring.data_keys.get(header[len(MAGIC) : -_SALT].hex())
        if key is None:
            raise SealBroken(f"{path.name} is sealed with a key that {keyring.FILE} does not hold.")
        cipher = AESGCM(derive(key, "file", header[-_SALT:]))
        number, sealed = 0, stream.read(_CHUNK + _TAG)
        while True:
            following = stream.read(_CHUNK + _TAG)
            try:
                yield cipher.decrypt(_nonce(number, not following), sealed, header)
            except InvalidTag:
                raise SealBroken(f"{path.name} was cut or changed; take it from a copy of the archive.") from None
            if not following:
                return
            number, sealed = number + 1, following
