"""A real browser for the tests of the site: Debian's chromium, which sees a page from a disk as an officer's would.

Whatever a test does with a page, the page may ask for nothing but the site's own files and say nothing on the console.
"""

import base64
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

DESKTOP = {"width": 1280, "height": 900}
PHONES = ({"width": 360, "height": 740}, {"width": 390, "height": 844})
A4_WIDTH = 688  # CSS pixels between margins of 14 mm
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")

# Elements that stand out of the page at its side, other than inside a box that scrolls, or unseen.
TOO_WIDE = """(limit) => [...document.querySelectorAll("body *")].filter((one) => {
  const box = one.getBoundingClientRect();
  if (!box.width || !box.height || box.right <= limit + 1 || one.closest(".unseen, .skip, svg *")) return false;
  for (let above = one.parentElement; above && above !== document.body; above = above.parentElement) {
    if (getComputedStyle(above).overflowX !== "visible") return false;
  }
  return true;
}).slice(0, 5).map((one) => `${one.tagName}.${one.getAttribute("class")} ${Math.round(one.getBoundingClientRect().right)}`)"""

# Texts of the other language that can be seen, and texts of the language chosen that cannot.
SHOWN = """(language) => [...document.querySelectorAll(`body [lang="${language}"]`)].filter((one) => one.checkVisibility()).length"""

# What the keyboard is on, and whether that can be seen: an outline, or for a tile its frame, within the window.
FOCUSED = """() => {
  const one = document.activeElement;
  if (one === document.body) return null;
  const of = (element, name) => getComputedStyle(element)[name];
  const outlined = of(one, "outlineStyle") !== "none" && parseFloat(of(one, "outlineWidth")) >= 2;
  const frame = one.querySelector(":scope > .card");
  const box = one.getBoundingClientRect();
  return {
    words: `${one.tagName} ${one.id || one.getAttribute("class") || ""} ${one.textContent.trim().slice(0, 30)}`,
    seen: (outlined || (frame && parseFloat(of(frame, "strokeWidth")) >= 3)) && box.bottom > 0 && box.top < innerHeight,
  };
}"""

# Everything that can be used by pointer must be a stop of the keyboard, or one of a group with such a stop.
STOPS = """() => [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")]
  .filter((one) => one.checkVisibility() && one.tabIndex >= 0 && !one.disabled).length"""


INKED = """async (address) => {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
  const drawing = canvas.getContext("2d");
  drawing.drawImage(image, 0, 0);
  const pixels = drawing.getImageData(0, 0, image.width, image.height).data;
  const counts = new Map();
  for (let at = 1; at < pixels.length; at += 4) counts.set(pixels[at], (counts.get(pixels[at]) ?? 0) + 1);
  return 1 - Math.max(...counts.values()) / (pixels.length / 4);
}"""


@dataclass
class Viewer:
    """A window onto a site's folder, with all that its pages asked for and complained of."""

    page: Page
    site: Path
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, file: str) -> Page:
        """Open a page, or a page's place (`desa.html#36.04.05.2001`)."""
        name, _, anchor = file.partition("#")
        self.page.goto((self.site / name).as_uri() + (f"#{anchor}" if anchor else ""))
        return self.page

    def files(self) -> list[str]:
        """Return the pages of the site that are ours: dbt's documentation is dbt's."""
        return sorted(file.name for file in self.site.glob("*.html") if file.name != "dbt.html")

    def strangers(self) -> list[str]:
        """Return what was asked for outside the site's folder."""
        return [url for url in self.requests if not url.startswith(f"{self.site.as_uri()}/")]

    def forget(self) -> None:
        """Take the requests and complaints so far as seen to."""
        self.requests.clear()
        self.complaints.clear()

    def read(self, selector: str) -> str:
        """Return the text that can be seen in an element, with every space a plain one."""
        return " ".join(self.page.inner_text(selector).split())


def find_chromium() -> str:
    """Return the path of chromium, or skip with the reason."""
    return shutil.which("chromium") or pytest.skip("no chromium here; on Debian: apt-get install chromium")


@contextmanager
def start_browser() -> Iterator[Browser]:
    """Run chromium without a screen; root, as on a build server, has no sandbox."""
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=options)
        yield browser
        browser.close()


@contextmanager
def viewing(browser: Browser, site: Path, **settings: Any) -> Iterator[Viewer]:
    """Show a site; at the end nothing may have been asked for outside it, and no error stand on the console."""
    context = browser.new_context(**{"viewport": DESKTOP, "reduced_motion": "reduce"} | settings)
    viewer = Viewer(context.new_page(), site)
    context.on("request", lambda request: viewer.requests.append(request.url))
    context.on("weberror", lambda error: viewer.complaints.append(str(error.error)))
    context.on(
        "console", lambda said: viewer.complaints.append(said.text) if said.type in ("error", "warning") else None
    )
    yield viewer
    context.close()
    assert viewer.strangers() == []
    assert viewer.complaints == []


def violations(page: Page) -> list[str]:
    """Return what axe finds against WCAG 2.1 A and AA in a page as it stands."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE)
    found = page.evaluate("(rules) => axe.run(document, rules)", RULES)["violations"]
    return [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:300]}" for one in found for node in one["nodes"]
    ]


def inked(browser: Browser, picture: bytes) -> float:
    """Return the share of a PNG's pixels that differ from its commonest grey."""
    page = browser.new_page()
    share = page.evaluate(INKED, f"data:image/png;base64,{base64.b64encode(picture).decode()}")
    page.close()
    return float(share)
