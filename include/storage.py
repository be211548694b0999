"""Object storage (S3), opened by Airflow's ObjectStoragePath. Where no setting names a bucket, nothing of this is loaded.

TEGAK_LANDING              s3://bucket/folder: what agencies put there comes down into the landing folder (`inbox.py`)
TEGAK_RELEASES             s3://bucket/folder: takes a copy of each release's public zone (`release_copy.py`)
TEGAK_RELEASES_TASK_FORCE  the same for the task force's zone, which leaves this machine only when this says where to

Each of several regencies has a folder of its own in there, called by its code.

Which store, and who we are there, says the connection of Airflow before the bucket (s3://NAME@bucket/folder: login and
password are the key's two halves, its extra may have endpoint_url and region_name), else AWS_ACCESS_KEY_ID,
AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL and AWS_DEFAULT_REGION.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from include import alerts, settings
from include.problem import Problem

LANDING, PUBLIC_COPY, TASK_FORCE_COPY = "TEGAK_LANDING", "TEGAK_RELEASES", "TEGAK_RELEASES_TASK_FORCE"
ABOUT = "object storage"  # of its alerts
_PIECE = 2**20
# Each dataset asks once a night, so a store that does not answer is given up soon.
_PATIENCE = {"connect_timeout": 5, "read_timeout": 10, "retries": {"total_max_attempts": 2}}
_TRIES = 2
_OTHER_VERSION = ("PreconditionFailed", "412")


class StorageProblem(Problem):
    """Object storage cannot be used; the message says what, where and what to do, and holds no key."""


class Changed(Exception):
    """Another object has been put in the place of this one."""


class Storage:
    """The folder that a setting names. Paths are of the whole store, as `find` returns them. Raises `StorageProblem`."""

    def __init__(self, setting: str) -> None:
        self.setting = setting
        self._root = _open(setting)

    def __str__(self) -> str:
        return f"{self.setting}, s3://{self._root.path}"

    def path(self, *below: str) -> str:
        return self._root.joinpath(*below).path

    def find(self, *below: str) -> dict[str, dict[str, Any]]:
        """Return what is known of each object of a folder, by its path: `size`, `ETag`, `LastModified`."""
        with self._plainly():
            return self._root.fs.find(self.path(*below), detail=True)

    def pieces(self, path: str, etag: str) -> Iterator[bytes]:
        """Read one version of an object. Raises `Changed` when there is another by now."""
        with self._plainly():
            try:
                with self._root.fs.open(path, "rb") as stream:  # the store itself is asked for this version alone
                    if stream.details["ETag"] != etag:
                        raise Changed
                    while piece := stream.read(_PIECE):
                        yield piece
            except FileNotFoundError as error:
                raise Changed from error

    def read(self, path: str) -> bytes | None:
        """Return a small object, None when there is none."""
        with self._plainly():
            try:
                return self._root.fs.cat_file(path)
            except FileNotFoundError:
                return None

    def put(self, path: str, content: bytes, **head: str) -> None:
        """Write an object: readers see the old one or the new one, whole."""
        with self._plainly():
            self._root.fs.pipe_file(path, content, **head)

    def remove(self, path: str, etag: str) -> None:
        """Remove one version of an object. Raises `Changed` when there is another by now."""
        bucket, key, _ = self._root.fs.split_path(path)
        with self._plainly():
            try:
                if self._root.fs.info(path)["ETag"] != etag:
                    raise Changed
                # asked for again: a store that knows the condition leaves no moment between the look and the removal
                self._root.fs.call_s3("delete_object", Bucket=bucket, Key=key, IfMatch=etag)
            except FileNotFoundError:
                return

    def remove_all(self, paths: list[str]) -> None:
        with self._plainly():
            self._root.fs.rm(paths)

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        """Say in one sentence what a store answered: its own messages may quote keys and addresses."""
        from botocore.exceptions import BotoCoreError, ClientError
        from s3fs.utils import FileExpired

        try:
            yield
        except FileExpired as error:
            raise Changed from error
        except (OSError, BotoCoreError, ClientError) as error:
            if _code(error) in _OTHER_VERSION:
                raise Changed from error
            raise StorageProblem(f"{self}: {_why(error)}") from error


def is_set(setting: str) -> bool:
    return bool(os.environ.get(setting))


@contextmanager
def noted(setting: str) -> Iterator[None]:
    """Let a problem with object storage be an alert, which the last step of the mart tells, and go on."""
    try:
        yield
    except StorageProblem as problem:
        alerts.note(f"{ABOUT} ({setting})", str(problem))


def _open(setting: str) -> Any:
    url = urlsplit(os.environ[setting])
    connection, _, bucket = url.netloc.rpartition("@")
    if (
        url.scheme != "s3"
        or not re.fullmatch(r"[a-z0-9.-]{3,63}", bucket)
        or ":" in connection
        or url.query
        or url.fragment
    ):
        raise StorageProblem(
            f"{setting} is no address of object storage: write s3://bucket/folder, or s3://NAME@bucket/folder with a connection "
            "of Airflow. Keys never stand in it."
        )
    if setting != PUBLIC_COPY and is_set(PUBLIC_COPY) and bucket == _bucket(os.environ[PUBLIC_COPY]):
        raise StorageProblem(
            f"{setting}: the bucket {bucket} is that of {PUBLIC_COPY}, which everybody may read; name another bucket."
        )
    from airflow.sdk import ObjectStoragePath
    from airflow.sdk.io import attach

    attach("s3", connection or None, fs=_file_system(setting, connection))
    root = ObjectStoragePath(f"s3://{bucket}{url.path.rstrip('/')}", conn_id=connection or None)
    return root if settings.REGENCY.is_alone else root / settings.REGENCY.code


def _file_system(setting: str, connection: str) -> Any:
    """Return S3's file system with the key of a connection, or with that of the environment."""
    from s3fs import S3FileSystem

    options: dict[str, Any] = {"use_listings_cache": False, "config_kwargs": _PATIENCE}
    if connection:
        from airflow.sdk import Connection
        from airflow.sdk.exceptions import AirflowException

        try:
            known = Connection.get(connection)
        except AirflowException as error:
            raise StorageProblem(
                f"{setting} names the connection {connection}, which Airflow does not know: make it (airflow connections add) "
                f"or set AIRFLOW_CONN_{connection.upper()}."
            ) from error
        extra = known.extra_dejson
        options |= {"key": known.login, "secret": known.password, "endpoint_url": extra.get("endpoint_url")}
        options["client_kwargs"] = {"region_name": extra["region_name"]} if "region_name" in extra else {}
    opened = S3FileSystem(**options)
    opened.retries = _TRIES
    return opened


def _bucket(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


def _why(error: Exception) -> str:
    """Return what is wrong and what to do, from the kind of the error alone."""
    kind = type(error).__name__
    if isinstance(error, FileNotFoundError):
        return "there is no such bucket or object; make the bucket, or mend the setting."
    if isinstance(error, PermissionError):
        return "the store refuses the key, or the right to do this; mend the key, or the bucket's policy."
    if "Credentials" in kind:
        return "no key was given; name a connection of Airflow in the address, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
    if "Connect" in kind or "Timeout" in kind:
        return "the store cannot be reached; look at its address (endpoint_url, AWS_ENDPOINT_URL) and at the way to it."
    return f"the store failed ({_code(error) or kind}); the next night tries again."


def _code(error: Exception) -> str:
    """Return S3's code of what was answered, empty when it was no answer."""
    answer = getattr(error.__cause__ or error, "response", None)
    return re.sub(r"[^A-Za-z0-9]", "", answer["Error"].get("Code", "")) if answer else ""
