"""Things in the landing folder that are no regular files: none may be opened, none may stop the night."""

import os
import socket
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from include import settings
from include.archive import archive_new
from include.contract import Dataset
from tests.ordeal.forge import csv_of

if TYPE_CHECKING:
    from tests.ordeal.hostile import Finding


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        folder = os.open(path.parent, os.O_RDONLY)
        server.bind(f"/proc/self/fd/{folder}/{path.name}")  # a socket's whole path may have 107 signs only
        os.close(folder)


def _folder_link(path: Path) -> None:
    elsewhere = settings.DATA / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    (elsewhere / "a.csv").write_bytes(csv_of())
    path.symlink_to(elsewhere)


THINGS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "a pipe that nobody writes to": ("pipa.csv", os.mkfifo),
    "a socket": ("soket.csv", _socket),
    "a device": ("nol.csv", lambda path: os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))),
    "a link to a file": ("tautan.csv", lambda path: path.symlink_to("/etc/passwd")),
    "a link to nothing": ("hilang.csv", lambda path: path.symlink_to("/tidak/ada")),
    "a link to itself": ("putaran.csv", lambda path: path.symlink_to(path)),
    "a link to a folder": ("folder", _folder_link),
    "a folder with a table's name": ("isi.csv", lambda path: path.mkdir()),
    "what Excel leaves while a file is open": ("~$kiriman.xlsx", lambda path: path.write_bytes(b"x")),
    "a hidden file": (".rahasia.csv", lambda path: path.write_bytes(csv_of())),
}


def examine_landing(dataset: Dataset) -> Iterator["Finding"]:
    from tests.ordeal.hostile import Finding  # which imports this module

    folder = settings.LANDING / dataset.agency / dataset.name / "2026-10"
    folder.mkdir(parents=True, exist_ok=True)
    for what, (name, make) in THINGS.items():
        finding = Finding("landing", what, "left alone")
        try:
            make(folder / name)
        except PermissionError:
            finding.outcome = "not made: only root makes devices"
        begun = time.monotonic()
        if archive_new(dataset):
            finding.faults.append("it was taken for a delivery")
        finding.seconds = finding.computing = time.monotonic() - begun
        if finding.outcome == "left alone" and not os.path.lexists(folder / name):
            finding.faults.append("it is gone")
        yield finding
