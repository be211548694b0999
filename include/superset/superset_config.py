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


def DB_CONNECTION_MUTATOR(
    url: URL, parameters: dict[str, Any], username: str, security_manager: Any, source: Any
) -> tuple[URL, dict[str, Any]]:
    """Return in place of any connection the one to the release."""
    return _URL, {**parameters, "connect_args": _LOCKED}


def DB_SQLA_URI_VALIDATOR(url: URL) -> None:
    """Refuse to store a connection to anything but the release, for it would not be what it says."""
    if url.database != make_url("duckdb:////release").database:
        raise ValueError("Only the release of Tegak can be opened here: duckdb:////release")


SECRET_KEY = os.environ["TEGAK_SUPERSET_KEY"]
SQLALCHEMY_DATABASE_URI = f"sqlite:///{_HOME / 'superset.db'}"
# one process serves a regency; more of them would need a store that all reach
RATELIMIT_STORAGE_URI = "memory://"
# a dozen charts: all are drawn at once, so that a print has them too
FEATURE_FLAGS = {"DASHBOARD_VIRTUALIZATION": False}
SUPERSET_WEBSERVER_TIMEOUT = 120  # seconds; start.py gives the server the same
# reached at 127.0.0.1 or through a tunnel to it, where nobody listens on the way: no TLS of its own
SESSION_COOKIE_SAMESITE = "Strict"
# no page fetches anything from elsewhere: Superset's own list names tile servers and counters of visits
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}
APP_NAME = "Tegak"
# numbers and months as a person in Indonesia writes them
D3_FORMAT = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["Rp ", ""]}
_MONTHS = [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
]
_DAYS = ["Minggu", "Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu"]
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
