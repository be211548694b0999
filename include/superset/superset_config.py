"""Superset's settings: it opens the public zone of the current release, read-only and locked, and nothing else.

Superset reads this file by SUPERSET_CONFIG_PATH, in an environment of its own (`requirements-superset.txt`), where
nothing of Tegak but this folder can be imported. TEGAK_DATA says where the releases lie, TEGAK_SUPERSET_HOME where
Superset keeps its own database, TEGAK_SUPERSET_KEY is the key of its sessions.
"""

import os
from pathlib import Path
from typing import Any

from sqlalchemy.engine.url import URL, make_url

_RELEASED = Path(os.environ["TEGAK_DATA"]) / "current" / "public" / "tegak.duckdb"
_HOME = Path(os.environ["TEGAK_SUPERSET_HOME"])
# whatever a connection says, this is what is opened: an administrator cannot point one elsewhere either
_URL = URL.create("duckdb", database=str(_RELEASED))
_LOCKED = {
    "read_only": True,
    "config": {
        "enable_external_access": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "memory_limit": "1GB",
        "threads": 2,
        "lock_configuration": True,
    },
}


def DB_CONNECTION_MUTATOR(  # noqa: N802  Superset's name
    url: URL, parameters: dict[str, Any], username: str, security_manager: Any, source: Any
) -> tuple[URL, dict[str, Any]]:
    """Return in place of any connection the one to the release."""
    return _URL, {**parameters, "connect_args": _LOCKED}


def DB_SQLA_URI_VALIDATOR(url: URL) -> None:  # noqa: N802  Superset's name
    """Refuse to store a connection to anything but the release, for it would not be what it says."""
    if url.database != make_url("duckdb:////release").database:
        raise ValueError("Only the release of Tegak can be opened here: duckdb:////release")


SECRET_KEY = os.environ["TEGAK_SUPERSET_KEY"]
SQLALCHEMY_DATABASE_URI = f"sqlite:///{_HOME / 'superset.db'}"
SQLALCHEMY_EXAMPLES_URI = "duckdb:////release"
# one process serves a regency; with more of them a store both can reach would be needed
RATELIMIT_STORAGE_URI = "memory://"
# the page is reached at 127.0.0.1 (or through a tunnel to it) without TLS; on the way nobody can listen
SESSION_COOKIE_SAMESITE = "Strict"
ENABLE_PROXY_FIX = False
# the news and pictures of others that its start page would fetch
FAB_ADD_SECURITY_API = False
APP_NAME = "Tegak"
# numbers and months as a person in Indonesia writes them
D3_FORMAT = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["Rp ", ""]}
_MONTHS = "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()
_DAYS = "Minggu Senin Selasa Rabu Kamis Jumat Sabtu".split()
D3_TIME_FORMAT = {
    "dateTime": "%A, %e %B %Y %X",
    "date": "%d/%m/%Y",
    "time": "%H:%M:%S",
    "periods": ["AM", "PM"],
    "days": _DAYS,
    "shortDays": [day[:3] for day in _DAYS],
    "months": _MONTHS,
    "shortMonths": [{"Agustus": "Agu"}.get(month, month[:3]) for month in _MONTHS],
}
