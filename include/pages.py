"""Where the pages of the current release are, for Airflow's menu and the links of its tasks.

Both servers, the mount in Airflow's page and nginx under docker-compose, show the release folder's own layout:
`public/site/index.html`, `public/*.parquet`, `manifest.json`.
"""

import os

INDEX, QUALITY, DBT = "index.html", "mutu.html", "dbt.html"
MOUNT = "/tegak"


def page_url(name: str) -> str:
    """Return the address of a page of the public site; TEGAK_SITE_URL says where another server shows it."""
    return f"{(os.environ.get('TEGAK_SITE_URL') or MOUNT).rstrip('/')}/public/site/{name}"
