"""Airflow's plugin: puts the site into its menu and, where TEGAK_SITE_URL names no other server, shows it itself."""

import os
from functools import cache
from typing import Any

from airflow.plugins_manager import AirflowPlugin

from include.pages import DBT, INDEX, MOUNT, QUALITY, page_url
from include.settings import CURRENT


@cache
def _app() -> Any:
    from include.site_app import make_app  # here: each task loads the plugin, and only the page needs a web server

    return make_app(CURRENT)


async def show_site(scope: Any, receive: Any, send: Any) -> None:
    """The application under /tegak, made at its first request."""
    await _app()(scope, receive, send)


class TegakPlugin(AirflowPlugin):
    """Three entries of the menu, and the application under /tegak."""

    name = "tegak"
    fastapi_apps = (
        [] if os.environ.get("TEGAK_SITE_URL") else [{"name": "tegak", "app": show_site, "url_prefix": MOUNT}]
    )
    external_views = [  # noqa: RUF012  so Airflow declares it
        {"name": title, "href": page_url(page), "destination": "nav", "nav_top_level": True}
        for title, page in (("Tegak", INDEX), ("Mutu data", QUALITY), ("dbt docs", DBT))
    ]
