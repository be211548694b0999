"""Buttons of Airflow's tasks that lead to the pages of the site."""

from typing import Any

from airflow.sdk.bases.operatorlink import BaseOperatorLink

from include.pages import INDEX, QUALITY, page_url
from include.regencies import Regency


class _Page(BaseOperatorLink):
    page = INDEX

    def __init__(self, regency: Regency) -> None:
        self.regency = regency

    @property
    def name(self) -> str:
        return "Site"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        return page_url(self.page, self.regency)


class SiteLink(_Page):
    """From `publish` to what it published."""


class QualityLink(_Page):
    """From a gate to the page that shows what all gates found."""

    page = QUALITY

    @property
    def name(self) -> str:
        return "Data quality"


def linked(result: Any, link: BaseOperatorLink) -> Any:
    """Give the task behind a result a button."""
    result.operator.operator_extra_links = [link]
    return result
