"""The manifests of a release: the hash of each file, so that a damaged one is noticed.

`manifest.json` is everybody's. The hashes of the task force's zone lie in that zone: from one night to the next they would
tell a reader whether a guess at an exact count is right.
"""

import json
from pathlib import Path
from typing import Any

FILE = "manifest.json"
CLOSED = "task_force"
MANIFESTS = (FILE, f"{CLOSED}/{FILE}")


def write_manifests(release: Path, about: dict[str, Any], files: dict[str, str]) -> None:
    """Write the hashes of the closed zone into it, and all others beside the zones with what is told about the release."""
    inside = {name: digest for name, digest in files.items() if name.startswith(f"{CLOSED}/")}
    others = {name: digest for name, digest in files.items() if name not in inside}
    (release / CLOSED / FILE).write_text(json.dumps({"files": inside}, indent=1), encoding="utf-8")
    (release / FILE).write_text(json.dumps({**about, "files": others}, indent=1), encoding="utf-8")


def read_files(release: Path) -> dict[str, str]:
    """Return the hash of each file of a release, as both manifests say; `OSError` one is missing, `ValueError` damaged."""
    manifests = [json.loads((release / name).read_text(encoding="utf-8")) for name in MANIFESTS]
    try:
        return {name: digest for manifest in manifests for name, digest in manifest["files"].items()}
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"a manifest of {release.name} does not name files") from error
