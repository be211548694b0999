"""The landing page: are we on the path to the goal?"""

from include.site.page import Page, Zone


def pages(zone: Zone) -> list[Page]:
    """Return the landing page."""
    return [Page("index.html", "index.html.j2", ("Ringkasan", "Overview"))]
