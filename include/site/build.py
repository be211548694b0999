"""Builds the site of one zone of a release: `site/*.html` in the zone's folder, from the zone's own database alone.

The same tables and release name give the same bytes: no clock, no random names. A page loads nothing, style and
JavaScript stand in it, so that one file can be sent on and opens from a disk or a telephone.
"""

from collections.abc import Callable
from pathlib import Path

import duckdb
from jinja2 import Environment

from include.site import burden, desa, opd, path, quality, reference
from include.site.page import MENU, Page, Zone, make_environment, policy
from include.sql import LOCKED

PARTS: tuple[Callable[[Zone], list[Page]], ...] = (
    path.pages,
    opd.pages,
    burden.pages,
    desa.pages,
    quality.pages,
    reference.pages,
)

FOLDER = "site"
DATABASE = "tegak.duckdb"


def write_site(zone_folder: Path, release: str, as_of: dict[str, str]) -> None:
    """Write the pages of a zone; `as_of` has the newest accepted period per dataset.

    The zone is opened read-only and locked: a page cannot show what its zone does not hold.
    """
    folder = zone_folder / FOLDER
    folder.mkdir(exist_ok=True)
    with duckdb.connect(str(zone_folder / DATABASE), read_only=True, config=LOCKED) as con:
        zone = Zone(con, zone_folder.name, release, as_of, zone_folder)
        made = [page for part in PARTS for page in part(zone)]
        environment = make_environment()
        for page in made:
            (folder / page.file).write_text(render(environment, page, made, zone), encoding="utf-8")


def render(environment: Environment, page: Page, made: list[Page], zone: Zone) -> str:
    """Return a page as HTML, with a menu of the pages made, and dbt's own where it lies there already."""
    files = {page.file for page in made} | {docs.name for docs in (zone.folder / FOLDER).glob(reference.DOCS)}
    scripts = ("site.js", *page.scripts)
    return environment.get_template(page.template).render(
        **page.shows,
        title=page.title,
        here=page.file,
        menu=[entry for entry in MENU if entry[0] in files],
        zone=zone,
        scripts=scripts,
        policy=policy(scripts),
    )
