"""`make move-in REGENCY=36.04`: what lies in the data folder itself, of a regency that was alone, gets a folder of its own.

For an installation that takes in its second regency. The keyring is wrapped with the regency's own private key, all else
only moves; from the next release on the pseudonyms are new. May be killed at any point and run again.
"""

import shutil

from include import keyring, settings, warehouse
from include.console import CONSOLE
from include.keys import installation_key, private_key
from include.problem import run
from include.regencies import RegencyProblem, read_regencies


def move_in() -> list[str]:
    """Move all into the regency's folder, the keyring last; return the names.

    Raises `RegencyProblem`, `KeyProblem` and `WarehouseBusy` before anything has moved.
    """
    old, new = settings.INSTALLATION, settings.DATA
    if settings.REGENCY.is_alone:
        raise RegencyProblem("There is one regency: name the second one in TEGAK_REGENCIES of .env first.")
    if not (old / keyring.FILE).exists():
        raise RegencyProblem("No regency's data lie in the data folder itself; there is nothing to move.")
    codes = {regency.code for regency in read_regencies()}
    left = {*codes, keyring.FILE, "scratch"}  # what lies in scratch is a process's own, and ends with it
    waiting = sorted(path.name for path in old.iterdir() if path.name not in left)
    if taken := [name for name in (*waiting, keyring.FILE) if (new / name).exists()]:
        raise RegencyProblem(f"{settings.REGENCY.code} has {', '.join(taken)} already; nothing was moved.")
    ring = keyring.load(old, installation_key())
    keyring.save(old / keyring.FILE, ring, [installation_key(), private_key()])
    if (old / settings.WAREHOUSE.name).exists():
        with warehouse.connect(old / settings.WAREHOUSE.name):  # no night runs now
            pass
    new.mkdir(mode=0o700, exist_ok=True)
    for name in (*waiting, keyring.FILE):
        (old / name).rename(new / name)
    shutil.rmtree(old / "scratch", ignore_errors=True)
    keyring.save(new / keyring.FILE, ring, [private_key()])
    return waiting


def main() -> int:
    """Command line. Raises `Problem` when nothing was moved."""
    CONSOLE.print(f"Moved into {settings.REGENCY.code}: {', '.join(move_in())}", markup=False)
    return 0


if __name__ == "__main__":
    run(main)
