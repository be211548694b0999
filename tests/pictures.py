"""`make pictures`: the site's pages as README shows them, in docs/pictures, from the newest release."""

import sys
from pathlib import Path

from playwright.sync_api import Browser

from include.settings import CURRENT, ROOT
from tests.browser import PHONES, start_browser, viewing

FOLDER = ROOT / "docs" / "pictures"
SCREEN = {"width": 1280, "height": 1150}
# file, page, and what it is seen on; the desa is one that the small regency has
PICTURES = (
    ("ringkasan.png", "index.html", SCREEN),
    ("capaian.png", "capaian.html", SCREEN),
    ("peta.png", "peta.html", SCREEN),
    ("desa.png", "desa.html#36.04.11.2003", PHONES[1]),
)


def take(browser: Browser, site: Path, folder: Path) -> list[Path]:
    """Take each picture of a site; return the files written."""
    folder.mkdir(exist_ok=True)
    taken = [folder / name for name, _, _ in PICTURES]
    for file, (_, page, screen) in zip(taken, PICTURES, strict=True):
        with viewing(browser, site, viewport=screen) as viewer:
            viewer.open(page).screenshot(path=file)
    return taken


def main() -> int:
    """Take the pictures; return 1 when there is no release to show."""
    if not CURRENT.exists():
        print("There is no release yet; run make nightly.")
        return 1
    with start_browser() as browser:
        for file in take(browser, CURRENT / "task_force" / "site", FOLDER):
            print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1024} KB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
