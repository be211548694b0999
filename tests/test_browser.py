"""The site in a real browser, from a disk: what people do with it by keyboard, telephone, printer and screen reader.

A zone is written once for all tests. Without chromium the module is skipped; `.ci/run` has it.
"""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright comes with requirements-dev.txt")

from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from include.site.build import write_site
from include.warehouse import literal
from tests.browser import (
    A4_WIDTH,
    DESKTOP,
    FOCUSED,
    PHONES,
    SHOWN,
    STOPS,
    TOO_WIDE,
    find_chromium,
    inked,
    start_browser,
    viewing,
    violations,
)
from tests.pictures import PICTURES, take
from tests.test_site_pages import OF_DESA, OF_QUALITY
from tests.zones import AS_OF, RELEASE, make_zone

EVIL = """O'Brien "<b>x</b>" </script><script>alert(1)</script>"""
HOSTILE, UNMEASURED, NAMED = "36.04.05.2001", "36.04.05.2002", "36.04.05.2003"
NOBODY = "measured = 0, coverage_pct = 0, height_valid = 0, stunted = 0, stunted_pct = null"
UNKNOWN = "due = null, measured = null, coverage_pct = null, height_valid = null, stunted = null, stunted_pct = null"
STATEMENTS = (
    f"update stunting_by_desa set desa_name = {literal(EVIL)} where desa_code = '{HOSTILE}'",
    f"update stunting_by_desa set {NOBODY} where desa_code = '{UNMEASURED}'",
    f"update stunting_by_desa set desa_name = 'Sukamaju' where desa_code = '{NAMED}'",
    f"update stunting_by_desa set {UNKNOWN} where desa_code = '{NAMED}' and month = date '2026-09-01'",
)
# what is widest in print: a table of ten indicators, and one whose first column has long names
WIDEST = (
    """
    insert into measurement_index by name
    select 'i' || n as indicator, 'Pencilan simpangan ke-' || n as name_indonesian, n as sort_order, 'PKM-1' as puskesmas_code,
        'Waringinkurung' as puskesmas_name, date '2026-10-01' as month, 97.5 as score, 90 as pass_score, n > 3 as passes
    from range(10) as r(n)
    """,
    "update data_quality set agency = 'ketahanan_pangan', dataset = 'fsva_desa_dan_kelurahan' where agency = 'perkim'",
)
# every month's measured children suppressed, and of the households those of whom too little is known
SHY = "36.04.05.2004"
HIDDEN = (
    f"update stunting_by_desa set measured = null, coverage_pct = null, suppressed = 'measured' where desa_code = '{SHY}'",
    f"""
    insert into convergence by name
    select 'desa' as area_level, '{SHY}' as area_code, date '2026-07-01' as quarter, 60 as households, 35 as all_services,
        20 as some_lacking, 58.3 as converged_low_pct, 'not_known' as suppressed
    """,
)
SUPPRESSED = "update stunting_by_kecamatan set stunted = null, stunted_pct = null, suppressed = 'stunted'"


SAID = "(all) => all.map((one) => one.getAttribute('aria-label') ?? one.textContent)"
OVER_THE_EDGE = """(names) => names.filter((one) => one.getBoundingClientRect().right > one.parentElement.querySelector(".card")
  .getBoundingClientRect().right).map((one) => one.textContent)"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    find_chromium()
    with start_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the folder of a site by its name; it is written when first asked for."""
    folder = tmp_path_factory.mktemp("sites")
    zones = {
        "small": ("task_force", 4, 2, (*OF_DESA, *OF_QUALITY, *WIDEST, *STATEMENTS)),
        "public": ("public", 4, 2, (*STATEMENTS, *HIDDEN, f"{SUPPRESSED} where kecamatan_code = '36.04.06'")),
        "large": ("task_force", 36, 29, ()),
        "empty": ("task_force", 0, 0, ()),
        "one month": ("public", 1, 2, STATEMENTS),
    }

    def find(name: str) -> Path:
        zone, months, kecamatan, after = zones[name]
        made = folder / name / zone
        if not made.exists():
            make_zone(folder / name, zone, months, kecamatan, after)
            write_site(made, RELEASE, AS_OF if months else {})
        return made / "site"

    return find


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


@pytest.mark.parametrize("zone", ["small", "public", "large"])
def test_each_page_fits_its_window_and_is_not_blank(browser: Browser, site: Callable[[str], Path], zone: str) -> None:
    with viewing(browser, site(zone)) as viewer:
        assert len(viewer.files()) == 8
        for file in viewer.files():
            page = viewer.open(file)
            for size in (DESKTOP, *PHONES):
                page.set_viewport_size(size)
                assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], (
                    file,
                    size,
                    page.evaluate(TOO_WIDE, size["width"]),
                )
                assert page.evaluate(TOO_WIDE, size["width"]) == [], (file, size)
            assert 0.01 < inked(browser, page.screenshot()) < 0.9, file


@pytest.mark.parametrize(("zone", "languages"), [("small", ("id", "en")), ("public", ("id",))], ids=["small", "public"])
def test_axe_finds_nothing(
    browser: Browser, site: Callable[[str], Path], zone: str, languages: tuple[str, ...]
) -> None:
    with viewing(browser, site(zone)) as viewer:
        for file in [*viewer.files(), f"desa.html#{NAMED}"]:
            page = viewer.open(file)
            if file == "peta.html":
                page.locator("[data-tile='36.04.05']").click()
            for language in languages:
                page.click(f"[data-set-lang={language}]")
                assert violations(page) == [], (file, language)


def test_the_language_is_kept_on_the_next_page(browser: Browser, site: Callable[[str], Path]) -> None:
    with viewing(browser, site("small")) as viewer:
        for file in viewer.files():
            page = viewer.open(file)
            assert page.get_attribute("html", "lang") == "id"
            assert (page.evaluate(SHOWN, "id") > 10, page.evaluate(SHOWN, "en")) == (True, 0), file
        page = viewer.open("index.html")
        page.click("[data-set-lang=en]")
        page.click("nav a[href='desa.html']")
        for file in viewer.files():
            page = viewer.open(f"{file}#{NAMED}" if file == "desa.html" else file)
            assert page.get_attribute("html", "lang") == "en"
            assert (page.evaluate(SHOWN, "id"), page.evaluate(SHOWN, "en") > 10) == (0, True), file
            assert page.get_attribute("[data-set-lang=en]", "aria-pressed") == "true"


def test_names_for_those_who_hear_follow_the_language(browser: Browser, site: Callable[[str], Path]) -> None:
    with viewing(browser, site("small")) as viewer:
        for file in viewer.files():
            page = viewer.open(f"{file}#{NAMED}" if file == "desa.html" else file)
            said = page.locator("[data-en]").evaluate_all(SAID)
            page.click("[data-set-lang=en]")
            english = page.locator("[data-en]").evaluate_all(SAID)
            assert english == page.locator("[data-en]").evaluate_all("(all) => all.map((one) => one.dataset.en)")
            assert said != english, file
            page.click("[data-set-lang=id]")
            assert page.locator("[data-en]").evaluate_all(SAID) == said, file


@pytest.mark.parametrize("java_script", [True, False])
def test_a_telephone_has_the_pages_behind_a_button(
    browser: Browser, site: Callable[[str], Path], java_script: bool
) -> None:
    with viewing(browser, site("small"), viewport=PHONES[1], java_script_enabled=java_script) as viewer:
        page = viewer.open("index.html")
        assert page.is_visible("nav") != java_script
        if java_script:
            assert page.locator("header").evaluate("(one) => one.offsetHeight") < 70
            page.focus(".menu")
            press(page, "Enter")
            assert page.get_attribute(".menu", "aria-expanded") == "true"
            assert violations(page) == []
        page.click("nav a[href='peta.html']")
        assert page.url.endswith("peta.html")
        names = page.locator(".tile .short").evaluate_all("(all) => all.map((one) => one.textContent.replace('-', ''))")
        assert names == page.locator(".tile .name").evaluate_all(
            "(all) => all.map((one) => one.textContent.replace(' ', ''))"
        )
        wide = page.locator(".tile .short").evaluate_all(OVER_THE_EDGE)
        assert wide == []


def test_search_by_keyboard(browser: Browser, site: Callable[[str], Path]) -> None:
    with viewing(browser, site("small")) as viewer:
        page = viewer.open("desa.html")
        page.focus("#q")
        page.keyboard.type("desa yang tak ada")
        assert "Tidak ada desa yang cocok" in viewer.read("#found")
        page.fill("#q", "")
        page.keyboard.type("kramatwatu")
        options = page.locator("#hits [role=option]")
        assert options.count() == 10
        assert page.get_attribute("#q", "aria-expanded") == "true"
        press(page, "ArrowDown", "ArrowDown", "ArrowUp")
        assert options.nth(1).get_attribute("aria-selected") == "true"
        assert page.get_attribute("#q", "aria-activedescendant") == options.nth(1).get_attribute("id")
        press(page, "Escape")
        assert options.count() == 0 or not options.first.is_visible()
        for typed in ("desa sukamaju", "Kel. Sukamaju, Kec. Kramatwatu"):
            page.fill("#q", typed)
            assert (options.count(), options.first.locator("b").inner_text()) == (1, "Sukamaju"), typed
        page.fill("#q", "desa")
        assert (options.count(), viewer.read("#found")) == (0, "")
        page.fill("#q", "SUKAMAJU, kramat")
        press(page, "Enter")
        page.wait_for_selector("#village h2")
        assert page.url.endswith(f"desa.html#{NAMED}")
        assert viewer.read("#village h2") == "Sukamaju"
        assert page.title().startswith("Sukamaju")
        assert re.search(r"diukur \d+ dari \d+ sasaran", viewer.read("#village"))
        assert page.locator("#village svg[role=img]").count() == 1
        assert "2 rujuk, 1 temukan, 1 cegah; 2 di antaranya pekan pertama." in viewer.read("#village")
        assert "(DKBP3A)" in viewer.read("#village")
        assert "belum tercapai" in page.locator("#village td.reach").first.inner_text()


def test_a_misspelt_name_is_offered_the_nearest(browser: Browser, site: Callable[[str], Path]) -> None:
    with viewing(browser, site("small")) as viewer:
        page = viewer.open("desa.html")
        options = page.locator("#hits [role=option]")
        page.fill("#q", "desa sukmajuu")
        assert "yang namanya paling mirip" in viewer.read("#found")
        assert options.locator("b").all_inner_texts()[0] == "Sukamaju"
        assert options.count() <= 5
        press(page, "Enter")
        assert not page.is_visible("#village")
        page.fill("#q", "kramatwato")
        assert options.locator("span").all_inner_texts() == ["Kec. Kramatwatu"] * 5
        press(page, "ArrowUp")
        assert options.last.get_attribute("aria-selected") == "true"
        press(page, "Enter")
        page.wait_for_selector("#village h2")
        assert viewer.read("#found") == ""
        page.fill("#q", "36041199999")
        assert (options.count(), viewer.read("#found")) == (0, "Tidak ada desa yang cocok.")


def test_the_address_opens_a_desa(browser: Browser, site: Callable[[str], Path]) -> None:
    with viewing(browser, site("small")) as viewer:
        page = viewer.open(f"desa.html#{HOSTILE}")
        assert viewer.read("#village h2") == EVIL
        assert page.locator("#village script, #village h2 b").count() == 0
        page = viewer.open(f"desa.html#{UNMEASURED}")
        page.reload()
        assert "Tidak diketahui bukan nol" in viewer.read("#village")
        page = viewer.open("desa.html#36.04.11.9999")
        page.reload()
        assert not page.is_visible("#village")
        assert page.is_visible("#all table")
        assert viewer.read("#found") == "Tidak ada desa dengan kode 36.04.11.9999."
        page = viewer.open("desa.html#all")
        assert viewer.read("#found") == ""


def test_what_is_suppressed_is_neither_none_nor_unknown(browser: Browser, site: Callable[[str], Path]) -> None:
    with viewing(browser, site("public")) as viewer:
        viewer.open(f"desa.html#{SHY}")
        said = "".join(viewer.read("#village").split())
    assert "Tidakdiketahuibukannol" not in said
    assert "diukur•disembunyikandari" in said
    assert "58,3–•disembunyikanrumahtangga" in said


def test_tables_sort_by_their_headings(browser: Browser, site: Callable[[str], Path]) -> None:
    with viewing(browser, site("large")) as viewer:
        page = viewer.open("desa.html")
        head = page.locator("#all thead th").nth(4)
        head.locator("button").focus()
        values = "(nodes) => nodes.map((one) => one.dataset.sort)"
        for key, state, backwards in (("Enter", "ascending", False), ("Space", "descending", True)):
            press(page, key)
            assert head.get_attribute("aria-sort") == state
            assert page.locator("#all thead [aria-sort]").count() == 1
            column = page.locator("#all tbody tr td:nth-child(5)").evaluate_all(values)
            known = [float(value) for value in column if value]
            assert len(column) == 326
            assert known == sorted(known, reverse=backwards)
            assert len(set(known)) > 50
            assert all(column[: len(known)]), "what is not known stands last"


def test_the_slider_moves_the_map_and_its_words(browser: Browser, site: Callable[[str], Path]) -> None:
    with viewing(browser, site("large")) as viewer:
        page = viewer.open("peta.html")
        drawn = "(nodes) => nodes.map((one) => one.getAttribute('class')).join()"
        tile = page.locator("[data-tile='36.04.05']")
        seen = set()
        page.focus("#month")
        for month, keys in (
            ("Oktober 2026", ()),
            ("September 2026", ("ArrowLeft",)),
            ("November 2023", ("Home",)),
            ("Desember 2023", ("ArrowRight",)),
        ):
            press(page, *keys)
            assert viewer.read("#map-month") == month
            assert (page.get_attribute("#month", "aria-valuetext") or "").replace("\xa0", " ") == month
            seen.add((page.locator("[data-area]").evaluate_all(drawn), tile.get_attribute("aria-label")))
        assert len(seen) == 4
        page.locator("[data-step='-1']").click()
        assert viewer.read("#map-month") == "November 2023"


def test_tiles_go_by_arrows_and_open_by_enter(browser: Browser, site: Callable[[str], Path]) -> None:
    with viewing(browser, site("large")) as viewer:
        page = viewer.open("peta.html")
        reached = {page.locator("[data-tile][tabindex='0']").get_attribute("data-tile")}
        page.focus("[data-tile][tabindex='0']")
        for key in ("ArrowDown", "ArrowRight") * 12 + ("ArrowUp", "ArrowLeft") * 12:
            press(page, key)
            assert page.evaluate(FOCUSED)["seen"]
            reached.add(page.evaluate("document.activeElement.dataset.tile"))
        assert len(reached) > 10
        press(page, "Enter")
        assert page.is_visible("#chosen")
        assert page.locator("#chosen tbody tr").count() > 3
        press(page, "Enter")
        assert not page.is_visible("#chosen")


def test_a_tap_opens_the_desa_of_a_kecamatan(browser: Browser, site: Callable[[str], Path]) -> None:
    place = "(one) => one.getBoundingClientRect().top + scrollY"
    with viewing(browser, site("large"), viewport=PHONES[1], has_touch=True) as viewer:
        page = viewer.open("peta.html")
        tiles = page.locator(".tiles")
        before = tiles.evaluate(place)
        page.locator("[data-tile='36.04.06']").dispatch_event("pointerover", {"pointerType": "touch", "bubbles": True})
        assert viewer.read("#pointed").startswith("Tunjuk")
        page.locator("[data-tile='36.04.06'] .card").tap()
        assert viewer.read("#pointed").startswith("Kecamatan Waringinkurung")
        assert tiles.evaluate(place) == before, "what is said of a tile leaves the map where it was"
        assert page.locator("#chosen").evaluate("(one) => one.getBoundingClientRect().top < innerHeight / 2")
        desa = page.locator("#chosen tbody a")
        assert desa.count() == page.locator("#chosen tbody tr").count() > 3
        name = desa.first.inner_text()
        desa.first.tap()
        page.wait_for_selector("#village h2")
        assert viewer.read("#village h2") == name


def test_the_keyboard_reaches_everything_and_is_seen(browser: Browser, site: Callable[[str], Path]) -> None:
    with viewing(browser, site("small")) as viewer:
        for file in viewer.files():
            page = viewer.open(file)
            stops = page.evaluate(STOPS)
            press(page, "Tab")
            assert page.evaluate("document.activeElement.className") == "skip"
            reached: list[str] = []
            while (focused := page.evaluate(FOCUSED)) and focused["words"] not in reached[:1]:
                assert focused["seen"], (file, focused["words"])
                reached.append(focused["words"])
                assert len(reached) <= stops, (file, reached)
                press(page, "Tab")
            assert len(reached) == stops, (file, reached)
            page = viewer.open(file)
            press(page, "Tab", "Enter", "Tab")
            assert page.evaluate("!document.activeElement.closest('header')"), f"{file}: the link skips the menu"


@pytest.mark.parametrize(("zone", "most_pages"), [("small", 20), ("large", 20)])
def test_pages_print_to_a4(browser: Browser, site: Callable[[str], Path], zone: str, most_pages: int) -> None:
    with viewing(browser, site(zone)) as viewer:
        for file in viewer.files():
            page = viewer.open(f"{file}#{NAMED}" if file == "desa.html" else file)
            page.emulate_media(media="print")
            page.set_viewport_size({"width": A4_WIDTH, "height": 1000})
            assert page.evaluate(TOO_WIDE, A4_WIDTH) == [], file
            assert not page.is_visible("nav")
            assert page.is_visible("h1") == (file != "desa.html"), "a desa is printed alone"
            assert file != "desa.html" or not page.locator(".lead, .finder").filter(visible=True).count()
            read = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
            assert {(round(sheet.mediabox.width), round(sheet.mediabox.height)) for sheet in read.pages} == {(595, 842)}
            assert 1 <= len(read.pages) <= most_pages, file
            texts = [sheet.extract_text() for sheet in read.pages]
            # a sheet with hardly a word means that something was torn in two, or pushed to the next one whole
            assert min(map(len, texts[:-1]), default=200) >= 200, (file, [len(text) for text in texts])
            assert all(RELEASE in text for text in texts), file


@pytest.mark.parametrize("zone", ["small", "public"])
def test_without_javascript_the_newest_figures_stand(browser: Browser, site: Callable[[str], Path], zone: str) -> None:
    with viewing(browser, site(zone), java_script_enabled=False) as viewer:
        for file, says in (
            ("index.html", r"Oktober 2026: \d+,\d % dari anak .* diukur [\d.]+ dari [\d.]+ sasaran"),
            ("capaian.html", r"\d+,\d %"),
            ("peta.html", r"Oktober 2026.* diukur [\d.]+ dari [\d.]+ sasaran"),
            ("desa.html", r"Sukamaju( [0-9.]+)? Kramatwatu (prioritas 2 4 )?\d+,\d %"),
        ):
            page = viewer.open(file)
            assert re.search(says, viewer.read("main")), file
            assert page.locator("input:visible, button:visible").count() == 0


@pytest.mark.parametrize("zone", ["empty", "one month"])
def test_little_or_nothing_is_said_in_words(browser: Browser, site: Callable[[str], Path], zone: str) -> None:
    with viewing(browser, site(zone)) as viewer:
        for file in viewer.files():
            page = viewer.open(file)
            text = viewer.read("main")
            assert len(text) > 60, file
            assert not re.search(r"\b(None|null|undefined|NaN|nan)\b", text), file
            if zone == "empty" and file in ("index.html", "capaian.html", "peta.html", "desa.html"):
                assert re.search("belum memuat satu", text), file
            if file == "peta.html" and zone == "one month":
                assert "Baru ada satu bulan" in text
                assert page.locator("#month").count() == 0
        if zone == "one month":
            page = viewer.open(f"desa.html#{UNMEASURED}")
            assert "Tidak diketahui bukan nol" in viewer.read("#village")


def test_the_pictures_of_the_readme_are_taken(site: Callable[[str], Path], tmp_path: Path, browser: Browser) -> None:
    taken = take(browser, site("small"), tmp_path / "pictures")
    assert [file.name for file in taken] == [name for name, _, _ in PICTURES]
    for file in taken:
        assert 0.01 < inked(browser, file.read_bytes()) < 0.9, file.name


def test_the_checks_can_fail(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        "<title>x</title><img src='https://example.invalid/x.png'><script>nothing.here()</script>"
        "<a href='#x' style='outline: 0'>y</a><div style='width: 2000px'>wide</div><p style='width: 300px; color: #eee; background: #fff'>hardly to be read</p>",
        encoding="utf-8",
    )
    with viewing(browser, tmp_path) as viewer:
        page = viewer.open("index.html")
        assert len(page.evaluate(TOO_WIDE, 360)) == 1
        assert {one.split(":")[0] for one in violations(page)} >= {"color-contrast", "image-alt", "html-has-lang"}
        press(page, "Tab")
        assert not page.evaluate(FOCUSED)["seen"]
        assert inked(browser, page.screenshot()) < 0.01
        assert viewer.strangers() == ["https://example.invalid/x.png"]
        assert any("nothing is not defined" in one for one in viewer.complaints)
        viewer.forget()
