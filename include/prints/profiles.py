"""`make print`: the profile of one desa or of all, one page each, from the current release.

    python -m include.prints.profiles 36.04.11.2003 --zone public

They lie in `data/print/<release>/<zone>/`; a night does not write them, for they take longer than the rest of a release.
"""

import argparse
import json
from collections.abc import Sequence

from include import settings
from include.console import CONSOLE
from include.prints.build import write_profiles
from include.problem import Problem, run
from include.release import TASK_FORCE, ZONES
from include.report import shown


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line. Raises `Problem` when nothing was written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("desa", nargs="?", default="", help="its code, as 36.04.11.2003; without it all desa")
    parser.add_argument("--zone", default=TASK_FORCE)
    given = parser.parse_args(arguments)
    if given.zone not in ZONES:
        raise Problem(f"There is no zone {given.zone}; ZONE is one of {', '.join(ZONES)}.")
    release = settings.CURRENT.resolve()
    if not (release / "manifest.json").exists():
        raise Problem("There is no release yet; run make nightly.")
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    folder = settings.DATA / "print" / manifest["release"] / given.zone
    written = write_profiles(release / given.zone, manifest["release"], manifest["as_of"], folder, given.desa)
    if not written:
        told = "this one has none" if given.desa else "the release has no desa"
        raise Problem(f"DESA is the code of a desa of the release, as 36.04.11.2003; {told}.")
    CONSOLE.print(f"{len(written)} profiles of one page in {shown(folder)}", markup=False)
    return 0


if __name__ == "__main__":
    run(main)
