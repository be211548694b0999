"""Where the pages of the current release are, for Airflow's menu and the links of its tasks.

Both servers, the mount in Airflow's page and nginx under docker-compose, show the release folder's own layout:
`public/site/index.html`, `public/*.parquet`, `manifest.json`; of several regencies each under its code.
"""

import os

from include.regencies import Regency

INDEX, QUALITY, DBT = "index.html", "mutu.html", "dbt.html"
MOUNT = "/tegak"


def page_url(name: str, regency: Regency) -> str:
    """Return the address of a page of a regency's public site; TEGAK_SITE_URL says where another server shows it."""
    return f"{site_of(regency, os.environ.get('TEGAK_SITE_URL') or MOUNT)}/public/site/{name}"


def site_of(regency: Regency, server: str) -> str:
    """Return the address of a regency's release on a server: that of the server itself when it is alone."""
    return server.rstrip("/") if regency.is_alone else f"{server.rstrip('/')}/{regency.code}"
