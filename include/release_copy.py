"""Copies the current release to object storage: the public zone where TEGAK_RELEASES says, the task force's only where its own
setting says.

<url>/<zone>/<release>/...   the zone's files as in data/releases, dictionary.csv, and manifest.json with their hashes
<url>/<zone>/current.json    {"release", "manifest_sha256"}: written last, in one piece, so that readers see whole releases

A copy that fails is an alert and is made by the next night; the release on this machine stands in any case.
"""

import hashlib
import json
import mimetypes
import re

from include import settings
from include.disclosure.tables import BEHIND
from include.manifest import FILE as MANIFEST
from include.manifest import read_files
from include.release import PUBLIC, TASK_FORCE
from include.storage import PUBLIC_COPY, TASK_FORCE_COPY, Storage, StorageProblem, is_set, noted

SETTINGS = {PUBLIC: PUBLIC_COPY, TASK_FORCE: TASK_FORCE_COPY}
POINTER, DICTIONARY = "current.json", "dictionary.csv"
_NAME = re.compile(r"\d{4}-\d\d-\d\dT\d{6}\.\d{6}Z")


def copy_current() -> None:
    """Copy each zone that has a place, unless its pointer names the current release already."""
    for zone, setting in SETTINGS.items():
        if is_set(setting):
            with noted(setting):
                _copy(zone, Storage(setting))


def _copy(zone: str, bucket: Storage) -> None:
    release = settings.CURRENT.resolve()
    as_of = json.loads((release / MANIFEST).read_text(encoding="utf-8"))["as_of"]
    files = {
        name.removeprefix(f"{zone}/"): (release / name, digest)
        for name, digest in read_files(release).items()
        # what the next release is protected by is no reader's matter
        if name == DICTIONARY or name.startswith(f"{zone}/") and name != str(BEHIND)
    }
    told = {name: digest for name, (_, digest) in files.items()}
    manifest = _json({"release": release.name, "zone": zone, "as_of": as_of, "files": told})
    pointer = _json({"release": release.name, "manifest_sha256": hashlib.sha256(manifest).hexdigest()})
    if bucket.read(bucket.path(zone, POINTER)) != pointer:
        for name, (file, digest) in files.items():
            content = file.read_bytes() if file.exists() else b""
            if hashlib.sha256(content).hexdigest() != digest:
                raise StorageProblem(
                    f"{bucket}: the release {release.name} was not copied, as {name} is not what its manifest says; "
                    "the next night writes it anew."
                )
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            bucket.put(bucket.path(zone, release.name, name), content, ContentType=kind)
        bucket.put(bucket.path(zone, release.name, MANIFEST), manifest, ContentType="application/json")
        bucket.put(bucket.path(zone, POINTER), pointer, ContentType="application/json", CacheControl="no-cache")
    _thin_out(zone, bucket, release.name)


def _thin_out(zone: str, bucket: Storage, current: str) -> None:
    """Keep the current release, and for who still reads it the one before, while data/releases has it too.

    With no more than these two the protection of the public zone reckons.
    """
    below = f"{bucket.path(zone)}/"
    found: dict[str, list[str]] = {}
    for path in bucket.find(zone):
        name, _, file = path.removeprefix(below).partition("/")
        if _NAME.fullmatch(name) and file:
            found.setdefault(name, []).append(path)
    manifests = {name: bucket.path(zone, name, MANIFEST) for name in found}
    older = [n for n in found if n < current and manifests[n] in found[n] and (settings.RELEASES / n).exists()]
    for name in found.keys() - {current, *sorted(older)[-1:]}:
        # without its manifest it is no release: what a night that is killed leaves goes with the next one
        if manifests[name] in found[name]:
            bucket.remove_all([manifests[name]])
        bucket.remove_all([path for path in found[name] if path != manifests[name]])


def _json(content: dict[str, object]) -> bytes:
    return json.dumps(content, indent=1).encode()
