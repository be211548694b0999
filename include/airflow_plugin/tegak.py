"""Airflow's plugin: puts the site into its menu and, where TEGAK_SITE_URL names no other server, shows it itself."""

import os
from functools import cache
from typing import Any

from airflow.plugins_manager import AirflowPlugin

from include.pages import DBT, INDEX, MOUNT, QUALITY, page_url, site_of
from include.regencies import Regency, read_regencies
from include.settings import data_of


@cache
def _app(regency: Regency) -> Any:
    from include.site_app import make_app  # here: each task loads the plugin, and only the page needs a web server

    return make_app(data_of(regency) / "current")


def site(regency: Regency) -> Any:
    """Return the application under /tegak that shows a regency's release, made at its first request."""

    async def show_site(scope: Any, receive: Any, send: Any) -> None:
        await _app(regency)(scope, receive, send)

    return show_site


class TegakPlugin(AirflowPlugin):
    """Three entries of the menu, and the application under /tegak, for each regency."""

    name = "tegak"
    fastapi_apps = (
        []
        if os.environ.get("TEGAK_SITE_URL")
        else [
            {"name": regency.named("tegak"), "app": site(regency), "url_prefix": site_of(regency, MOUNT)}
            for regency in read_regencies()
        ]
    )
    external_views = [  # noqa: RUF012  so Airflow declares it
        {
            "name": title if regency.is_alone else f"{title} {regency.code}",
            "href": page_url(page, regency),
            "destination": "nav",
            "nav_top_level": True,
        }
        for regency in read_regencies()
        for title, page in (("Tegak", INDEX), ("Mutu data", QUALITY), ("dbt docs", DBT))
    ]
