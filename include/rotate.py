"""`make rotate-key`: a new private key, and with DATA=1 new data keys too. May be killed at any point and run again."""

import argparse
import secrets
from pathlib import Path

from include import keyring, settings, vault, warehouse
from include.console import CONSOLE
from include.copies import COPIES, remove_copy
from include.keys import (
    ENV_FILE,
    check_holds_private_key,
    installation_key,
    private_key,
    private_key_of,
    replace_private_key,
)
from include.problem import run
from include.regencies import read_regencies


def rotate_private_key(env_file: Path = ENV_FILE) -> None:
    """Wrap each regency's keyring with a new private key; the old one opens it until `.env` holds the new one, and no longer.

    Raises `KeyProblem` before anything is written.
    """
    old, new = installation_key(), secrets.token_bytes(32)
    check_holds_private_key(old, env_file)
    rings = {
        regency: keyring.load(settings.data_of(regency), private_key_of(regency, old))
        for regency in read_regencies()
        if regency.is_alone or (settings.data_of(regency) / keyring.FILE).exists()  # else it has had no night yet
    }
    for regency, ring in rings.items():
        both = [private_key_of(regency, key) for key in (old, new)]
        keyring.save(settings.data_of(regency) / keyring.FILE, ring, both)
    replace_private_key(new, env_file)
    for regency, ring in rings.items():
        keyring.save(settings.data_of(regency) / keyring.FILE, ring, [private_key_of(regency, new)])


def rotate_data_keys() -> int:
    """Seal every file of archive and linkage with a new data key and drop the working database and its copies; return how many.

    The next night loads the database again from the archive. Raises `KeyProblem`, `WarehouseBusy` and `SealBroken`.
    """
    key = private_key()
    with warehouse.connect():  # no night runs now
        ring = keyring.load(settings.DATA)
        if len(ring.data_keys) == 1:  # else a rotation before this one was killed: it goes on
            ring = ring.with_new_key()
            keyring.save(settings.DATA / keyring.FILE, ring, [key])
        settings.WAREHOUSE.unlink()
        for name in COPIES:  # whole databases under the old key
            remove_copy(settings.DATA / name)
        for part in [*settings.ARCHIVE.rglob("*.part"), *settings.LINKAGE.rglob("*.part")]:
            part.unlink()  # a killed night's: its file waits in the landing folder, or was taken whole later
        old = [
            path
            for folder in (settings.ARCHIVE, settings.LINKAGE)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and vault.is_sealed(path) and vault.key_id(path) != ring.newest
        ]
        for path in old:
            vault.seal_again(path)
        keyring.save(settings.DATA / keyring.FILE, ring.only_newest(), [key])
    return len(old)


def main() -> int:
    """Command line. Raises `Problem` when a key is wrong or a night runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", action="store_true", help="new data keys too: archive and linkage are sealed again")
    if parser.parse_args().data:
        CONSOLE.print(f"{rotate_data_keys():,} files sealed with a new data key; the next night loads all again.")
    rotate_private_key()
    CONSOLE.print("A new private key is in .env: keep a copy of it and of keyring.json, and start Airflow again.")
    return 0


if __name__ == "__main__":
    run(main)
