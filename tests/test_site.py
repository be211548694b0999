"""The site: its pages stay whole, say what their zone says and nothing else, and need nothing from outside."""

import base64
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest
from markupsafe import Markup, escape

from include import indonesian
from include.indonesian import number, percent
from include.site import build, burden, charts, path, shapes, tiles
from include.site.build import write_site
from include.site.page import Page, Zone, figure, in_both, t
from tests.zones import AS_OF, RELEASE, make_zone, rows

MOST_BYTES = 1_000_000
ZONES = ("task_force", "public")
OWN = ("index.html", "capaian.html", "peta.html")
VOID = {"meta", "input", "br", "hr", "img", "link", "wbr", "path", "rect", "circle", "line"}
EVIL = """O'Brien "<b>x</b>" </script><script>alert(1)</script>"""


class Read(HTMLParser):
    """A page as a program reads it: its elements, what was left open, its texts, the JavaScript that would run."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.faults: list[str] = []
        self.texts: list[str] = []
        self.scripts: list[str] = []
        self.data: dict[str, Any] = {}
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> in line {self.getpos()[0]}")

    def handle_data(self, text: str) -> None:
        inside = self.elements[-1] if self.elements else ("", {})
        if self.open[-1:] == ["script"]:
            if inside[1].get("type") == "application/json":
                self.data[str(inside[1]["id"])] = json.loads(text)
            else:
                self.scripts.append(text)
        elif self.open[-1:] != ["style"]:
            self.texts.append(text)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def attributes(self, *names: str) -> list[str]:
        return [value for _, given in self.elements for name in names if (value := given.get(name)) is not None]


def read_site(zone_folder: Path) -> dict[str, Read]:
    write_site(zone_folder, RELEASE, AS_OF)
    return {file.name: Read(file.read_text(encoding="utf-8")) for file in (zone_folder / "site").glob("*.html")}


@pytest.fixture(autouse=True, scope="session")
def _no_settings_of_this_machine() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("TEGAK_BOUNDARIES", raising=False)
        patch.delenv("AIRFLOW__API__BASE_URL", raising=False)
        yield


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("release")
    return {zone: make_zone(folder, zone) for zone in ZONES}


@pytest.fixture(scope="session")
def sites(folders: dict[str, Path]) -> dict[str, dict[str, Read]]:
    return {zone: read_site(folder) for zone, folder in folders.items()}


def every_page(sites: dict[str, dict[str, Read]]) -> Iterator[tuple[str, Read]]:
    for zone, pages in sites.items():
        assert set(OWN) <= set(pages)
        yield from ((f"{zone}/{name}", page) for name, page in pages.items() if name != "dbt.html")


def assert_whole(name: str, page: Read) -> None:
    assert (name, page.faults, page.open) == (name, [], [])
    assert sum(tag == "h1" for tag, _ in page.elements) == 1
    assert not re.search(r"Markup\(|<span", page.text), name
    ids = page.attributes("id")
    assert len(ids) == len(set(ids)), name


def test_pages_are_whole(sites: dict[str, dict[str, Read]]) -> None:
    for name, page in every_page(sites):
        assert_whole(name, page)
        assert RELEASE in page.text
        assert "Oktober 2026" in page.text
        assert {tag for tag, _ in page.elements} >= {"header", "nav", "main", "footer"}


def test_nothing_is_fetched(sites: dict[str, dict[str, Read]], folders: dict[str, Path]) -> None:
    for name, page in every_page(sites):
        assert page.attributes("src", "srcset", "poster", "data", "action") == [], name
        assert not [tag for tag, _ in page.elements if tag in {"link", "iframe", "object", "embed", "base"}], name
        for target in [*page.attributes("href"), *page.attributes("xlink:href")]:
            assert not target.startswith("http"), f"{name}: {target}"
            file, _, anchor = target.partition("#")
            if file and not file.endswith(".html"):
                assert (folders[name.split("/")[0]] / "site" / file).is_file(), f"{name}: {target}"
                continue
            where = sites[name.split("/")[0]][file] if file else page
            assert not anchor or anchor in where.attributes("id"), f"{name}: {target}"
    style = (build.make_environment().globals["style"]).lower()
    assert "@import" not in style
    assert all(url.startswith("#") for url in re.findall(r"url\(([^)]*)\)", style))


def test_the_one_way_out_is_the_task_forces_where_airflow_has_an_address(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://tegak.example")
    for zone, folder in folders.items():
        with duckdb.connect(str(folder / "tegak.duckdb"), read_only=True) as con:
            [page] = path.pages(Zone(con, zone, RELEASE, AS_OF, folder))
        assert page.shows["airflow"] == (None if zone == "public" else "https://tegak.example")


def test_only_our_own_scripts_run(sites: dict[str, dict[str, Read]]) -> None:
    for name, page in every_page(sites):
        [policy] = [given["content"] or "" for tag, given in page.elements if tag == "meta" and "http-equiv" in given]
        assert policy.startswith("default-src 'none'; ")
        hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in page.scripts]
        assert re.findall(r"'sha256-([^']+)'", policy) == hashes, name
        assert not [attribute for _, given in page.elements for attribute in given if attribute.startswith("on")]


def test_every_text_has_both_languages(sites: dict[str, dict[str, Read]]) -> None:
    for name, page in every_page(sites):
        [_, *languages] = page.attributes("lang")  # the first is the document's
        assert languages == ["id", "en"] * (len(languages) // 2) or _pairs(languages), name
        assert len(languages) > 20


def _pairs(languages: list[str]) -> bool:
    return languages.count("id") == languages.count("en")


def test_figures_of_the_landing_page_are_the_marts(folders: dict[str, Path], sites: dict[str, dict[str, Read]]) -> None:
    for zone, folder in folders.items():
        page = sites[zone]["index.html"]
        [(stunted, valid, measured, due, pct)] = rows(
            folder,
            "select stunted, height_valid, measured, due, stunted_pct from stunting_by_kabupaten order by month desc limit 1",
        )
        for told in (percent(pct), number(stunted), f"{number(valid)} dengan tinggi badan sah"):
            assert " ".join(told.split()) in page.text
        assert f"diukur {number(measured)} dari {number(due)} sasaran" in page.text
        assert f"{len({name.split('/')[0] for name in AS_OF})} / 11 OPD" in page.text


def test_a_month_that_nobody_delivered_breaks_the_lines() -> None:
    months = [date(2026, month, 1) for month in (5, 6, 8, 9)]
    chart = str(charts.path_chart([charts.Point(month, 25.0) for month in months], [], [], 18.5, charts.WIDE))
    [line] = re.findall(r'<path d="([^"]*)" stroke="#0b5f73"', chart)
    assert line.count("M") == 2
    assert "target 18,5\u00a0%" in chart


def test_survey_and_chance_are_the_task_forces_alone(sites: dict[str, dict[str, Read]]) -> None:
    assert "peluang 12 %" in sites["task_force"]["index.html"].text
    assert "chance 12 %" in sites["task_force"]["index.html"].text
    assert "25,1 %" in sites["task_force"]["index.html"].text
    public = sites["public"]["index.html"].text
    assert "25,1 %" not in public
    assert "Angka survei dan peluang mencapai target tidak ada dalam zona publik" in public
    assert "Temuan" not in sites["public"]["capaian.html"].text


def test_progress_is_the_marts(folders: dict[str, Path], sites: dict[str, dict[str, Read]]) -> None:
    for zone, folder in folders.items():
        page = sites[zone]["capaian.html"]
        found = rows(
            folder,
            "select name_indonesian, coverage_pct, numerator, denominator, target_pct from opd_progress "
            "where quarter = '2026-07-01'",
        )
        assert found
        for name, pct, numerator, denominator, _ in found:
            assert name in page.text
            if pct is not None and "Dana desa" not in name:
                status = r"(?:tercapai|belum tercapai|tanpa target|angka tidak diterbitkan)[a-z, ]*"  # then its English
                told = rf"{percent(pct)} {status} {number(numerator)} dari {number(denominator)}"
                assert re.search(told.replace("\u00a0", " "), page.text), name
        without = sum(pct is None for _, pct, *_ in found)
        aimed = [(pct, target) for _, pct, _, _, target in found if pct is not None and target is not None]
        assert without
        assert f"{without} indikator belum ada datanya" in page.text
        assert f"dari {len(aimed)} target tercapai" in page.text
        chips = re.findall(r"([A-Z]\w+) (\d+)/(\d+)", page.text)
        missed = [(name, int(of) - int(reached)) for name, reached, of in chips]
        assert [count for _, count in missed] == sorted((count for _, count in missed), reverse=True)
        named = ", ".join(f"{name} {count}" for name, count in missed if count)
        assert f"Belum tercapai: {named}." in page.text
        assert re.search("per triwulan, persen.*Triwulan III 2026.*Triwulan II 2026", page.text)


def test_the_map_holds_the_marts_figures(folders: dict[str, Path], sites: dict[str, dict[str, Read]]) -> None:
    for zone, folder in folders.items():
        data = sites[zone]["peta.html"].data["map-data"]
        assert data["months"][-1] == ["Oktober\u00a02026", "October\u00a02026"]
        hidden = "suppressed" if zone == "public" else "''"
        told: dict[str, list[Any]] = defaultdict(list)
        for level in ("desa", "kecamatan"):
            columns = f"{level}_code, due, measured, height_valid, stunted, stunted_pct, {hidden}"
            for code, *row in rows(folder, f"select {columns} from stunting_by_{level} order by month"):
                told[code].append(row)
        assert told.keys() == data["areas"].keys()
        for code, area in data["areas"].items():
            for n, (due, measured, valid, stunted, pct, suppressed) in enumerate(told[code]):
                assert (area["d"][n], area["m"][n], area["v"][n]) == (due, measured, valid)
                assert area["c"][n] == (-1 if "stunted" in suppressed else stunted)
                assert area["p"][n] == (-1 if "stunted" in suppressed else pct if pct is None else round(pct * 10))


def test_classes_and_the_states_outside_them() -> None:
    classes = burden.read_classes()
    row = {"stunted_pct": 20.0, "stunted": 20, "height_valid": 100, "measured": 100, "suppressed": ""}
    assert burden.state(row, classes, 25) == "3"  # the lower limit belongs to the class
    assert burden.state(row | {"stunted_pct": 19.99}, classes, 25) == "2"
    assert burden.state(row | {"stunted_pct": 0.0, "stunted": 0}, classes, 25) == "0"
    assert burden.state(row | {"stunted_pct": 100.0}, classes, 25) == "4"
    assert burden.state(row | {"height_valid": 24}, classes, 25) == "f"
    assert burden.state(row | {"stunted_pct": None, "stunted": 5, "height_valid": 15}, classes, 25) == "f"
    assert burden.state(row | {"stunted_pct": None, "stunted": None, "suppressed": "due, stunted"}, classes, 25) == "s"
    nobody = {"stunted_pct": None, "stunted": 0, "height_valid": 0, "measured": 0}
    assert burden.state(row | nobody, classes, 25) == "m"
    assert burden.state(row | {"stunted_pct": None, "stunted": None}, classes, 25) == "u"
    assert burden.state(None, classes, 25) == "u"


def test_suppressed_unknown_few_and_zero_are_never_mixed_up() -> None:
    row = {"stunted": None, "stunted_pct": None, "height_valid": 50, "due": None, "flagged": 0, "suppressed": "stunted"}
    assert "disembunyikan" in figure(row, "stunted")
    assert "disembunyikan" in figure(row, "stunted_pct")
    assert "•" in figure(row, "stunted")
    assert "tidak diketahui" in figure(row, "due")
    assert "–" in figure(row, "due")
    assert figure(row, "flagged") == "0"
    few = row | {"stunted": 5, "height_valid": 15, "suppressed": ""}
    assert "terlalu sedikit" in figure(few, "stunted_pct")
    assert "tidak diketahui" in figure(few | {"stunted": 0, "height_valid": 0}, "stunted_pct")


def test_words_fill_and_escape() -> None:
    assert escape(t("{n} desa", "{n} villages", n="<b>")) == Markup(
        '<span lang="id">&lt;b&gt; desa</span><span lang="en">&lt;b&gt; villages</span>'
    )
    assert escape(t("{n} desa", "{n} desa", n=1)) == "1 desa"
    month = in_both(indonesian.month_short)(date(2026, 8, 1))
    assert escape(t("sampai {m}", "up to {m}", m=month)) == Markup(
        '<span lang="id">sampai Agu\u00a02026</span><span lang="en">up to Aug\u00a02026</span>'
    )


@pytest.mark.parametrize("zone", ZONES)
def test_an_empty_release_says_so(tmp_path: Path, zone: str) -> None:
    folder = make_zone(tmp_path, zone, months=0)
    write_site(folder, RELEASE, {})
    for name, says in (
        ("index.html", "belum memuat satu bulan pun"),
        ("capaian.html", "belum memuat satu triwulan pun"),
        ("peta.html", "belum memuat satu bulan pun"),
    ):
        page = Read((folder / "site" / name).read_text(encoding="utf-8"))
        assert_whole(name, page)
        assert says in page.text
        assert "Belum ada kiriman data yang diterima" in page.text
        assert "None" not in page.text


def test_one_month_and_a_desa_without_a_measurement(tmp_path: Path) -> None:
    nobody = "measured = 0, coverage_pct = 0, height_valid = 0, stunted = 0, stunted_pct = null"
    folder = make_zone(
        tmp_path,
        "task_force",
        months=1,
        kecamatan=2,
        after=(
            f"update stunting_by_desa set {nobody} where desa_code = '36.04.05.2001'",
            "delete from stunting_by_desa where desa_code = '36.04.05.2002'",
            f"update stunting_by_kecamatan set {nobody} where kecamatan_code = '36.04.06'",
        ),
    )
    pages = read_site(folder)
    for name, page in pages.items():
        assert_whole(name, page)
    page = pages["peta.html"]
    assert "Baru ada satu bulan" in page.text
    assert not [given for tag, given in page.elements if tag == "input"]
    areas = page.data["map-data"]["areas"]
    assert (areas["36.04.05.2001"]["s"], areas["36.04.05.2001"]["p"]) == ("m", [None])
    assert "36.04.05.2002" not in areas
    assert re.search(r"Desa \w+, Kramatwatu: tidak ada yang diukur; diukur 0 dari \d+ sasaran", page.text)
    assert "Waringinkurung: tidak ada yang diukur; diukur 0 dari" in " ".join(page.attributes("aria-label"))
    assert "Belum ada data dari 27 kecamatan" in page.text


def test_a_release_where_nobody_was_measured(tmp_path: Path) -> None:
    nobody = "measured = 0, coverage_pct = 0, height_valid = 0, stunted = 0, stunted_pct = null"
    everything = tuple(f"update stunting_by_{level} set {nobody}" for level in ("desa", "kecamatan", "kabupaten"))
    folder = make_zone(tmp_path, "public", months=2, kecamatan=1, after=everything)
    pages = read_site(folder)
    for name, page in pages.items():
        assert_whole(name, page)
    assert "Belum dapat dijawab: belum ada angka." in pages["index.html"].text
    assert "prevalensi tidak dapat dihitung" in pages["index.html"].text


def test_names_cannot_break_out(tmp_path: Path) -> None:
    evil = EVIL.replace("'", "''")
    folder = make_zone(
        tmp_path,
        "task_force",
        months=2,
        kecamatan=1,
        after=(
            f"update stunting_by_desa set desa_name = '{evil}', kecamatan_name = '{evil}'",
            f"update stunting_by_kecamatan set kecamatan_name = '{evil}'",
            f"update stunting_by_kabupaten set kabupaten_name = '{evil}'",
            f"update opd_progress set name_indonesian = '{evil}', agency = '{evil}'",
            f"update budget_progress set name_indonesian = '{evil}'",
            f"update stunting_path set words_indonesian = '{evil}'",
        ),
    )
    write_site(folder, EVIL, {"dinkes/penimbangan": EVIL})
    for name in OWN:
        source = (folder / "site" / name).read_text(encoding="utf-8")
        page = Read(source)
        assert_whole(name, page)
        assert len(page.scripts) == (2 if name == "peta.html" else 1)
        assert "<b>x" not in source
        assert "alert(1)" in page.text  # as a text, for people to read
    areas = Read((folder / "site" / "peta.html").read_text(encoding="utf-8")).data["map-data"]["areas"]
    assert areas["36.04.05.2001"]["n"] == EVIL


def test_the_same_tables_give_the_same_bytes(folders: dict[str, Path], sites: dict[str, dict[str, Read]]) -> None:
    assert sites
    for folder in folders.values():
        site = folder / "site"
        first = {file.name: file.read_bytes() for file in site.iterdir()}
        write_site(folder, "another-name", AS_OF)
        again = {file.name: file.read_bytes().replace(b"another-name", RELEASE.encode()) for file in site.iterdir()}
        assert first == again


def test_an_enormous_release_stays_small(tmp_path: Path) -> None:
    folder = make_zone(tmp_path, "task_force", months=36, kecamatan=29)
    assert rows(folder, "select count(*) from stunting_by_desa") == [(326 * 36,)]
    for name, page in read_site(folder).items():
        assert_whole(name, page)
        assert (folder / "site" / name).stat().st_size < MOST_BYTES, name


SEVENFOLD = tuple(
    f"insert into {table} by name select * exclude (n) replace ({code} || '-' || n as {code}) "
    f"from {table}, range(6) as r(n) where {which}"
    for table, code, which in (
        ("stunting_by_desa", "desa_code", "true"),
        ("area_estimates", "area_code", "area_level = 'desa'"),
    )
)


def test_a_release_of_very_many_desa_says_what_it_leaves_out(tmp_path: Path) -> None:
    folder = make_zone(tmp_path, "task_force", months=12, kecamatan=29, after=SEVENFOLD)
    assert rows(folder, "select count(distinct desa_code) from stunting_by_desa") == [(2282,)]
    for name, page in read_site(folder).items():
        assert_whole(name, page)
        assert (folder / "site" / name).stat().st_size < MOST_BYTES, name
        if name in ("peta.html", "desa.html"):
            assert re.search(r"memuat \d bulan terbaru dari 12", page.text), name
        if name == "peta.html":
            assert sum(bool(area["k"]) for area in page.data["map-data"]["areas"].values()) == 2282
        if name == "desa.html":
            assert "600 desa pertama dari 2.282" in page.text
            assert len(page.data["data"]["desa"]) == 2282


def test_a_zone_is_locked(folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def peep(zone: Zone) -> list[Page]:
        return [Page("x.html", "index.html.j2", ("", ""), {"x": zone.read("from read_text('/etc/hostname')")})]

    monkeypatch.setattr(build, "PARTS", (peep,))
    with pytest.raises(duckdb.PermissionException):
        write_site(folders["public"], RELEASE, AS_OF)


def test_wilson() -> None:
    # Newcombe 1998, table I: 81 of 263, and 0 of 20
    assert [round(end / 100, 4) for end in path.wilson(81, 263)] == [0.2553, 0.3662]
    assert [round(end / 100, 4) for end in path.wilson(0, 20)] == [0.0, 0.1611]


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({}, "Kecil kemungkinannya, menurut survei."),
        ({"chance_pct": 9.0}, "Belum, menurut survei."),
        ({"chance_pct": 50.0}, "Mungkin, menurut survei."),
        ({"chance_pct": 95.0}, "Ya, bila arah ini berlanjut, menurut survei."),
        ({"high_pct": 14.0}, "Sudah tercapai, menurut survei."),
        ({"chance_pct": None}, "Belum, menurut register posyandu."),
    ],
)
def test_the_answer_is_the_surveys_where_it_can_tell(changes: dict[str, Any], answer: str) -> None:
    row = {"chance_pct": 20.0, "high_pct": 30.0, "target_pct": 14.0}
    road = {"survey": [row | changes], "register": [row | {"chance_pct": 4.0}]}
    points = [charts.Point(date(2026, 10, 1), 25.0, 24.0, 26.0)]
    assert path.answer(points, road, (14.0, 2029, False)).indonesian == answer


def test_without_a_road_the_level_answers() -> None:
    road: dict[str, list[Any]] = {"survey": [], "register": []}
    high = [charts.Point(date(2026, 10, 1), 25.0, 24.0, 26.0)]
    near = [charts.Point(date(2026, 10, 1), 15.0, 13.0, 17.0)]
    assert "Belum sampai" in path.answer(high, road, (14.0, 2029, False)).indonesian
    assert "Belum dapat dikatakan" in path.answer(near, road, (14.0, 2029, False)).indonesian
    assert "belum ada angka" in path.answer([], road, (14.0, 2029, False)).indonesian
    assert "Belum ada target" in path.answer(high, road, None).indonesian


def test_ids_of_a_chart_are_its_own() -> None:
    svg = '<svg width="9" viewBox="0 0 9 8"><clipPath id="clip7"/><g clip-path="url(#clip7)" font-family="x" role="y"/></svg>'
    made = charts.finish(svg, ("a <b>", "b"), ("c", "d"), "n")
    assert 'id="n-0"' in made
    assert "url(#n-0)" in made
    assert "clip7" not in made
    assert "font-family" not in made
    assert "a &lt;b&gt;" in made


def test_tiles_are_those_of_the_kecamatan() -> None:
    places, names = tiles.read_places(), tiles.read_kecamatan()
    assert places.keys() == names.keys()
    assert len(set(places.values())) == 29


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("Kibin", ["Kibin"]),
        ("Tunjung Teja", ["Tunjung", "Teja"]),
        ("Waringinkurung", ["Waringin-", "kurung"]),
        ("Padarincang", ["Pada-", "rincang"]),
        ("Pamarayan", ["Pama-", "rayan"]),
        ("Aeiouaeioua", ["Aeiouaei-", "oua"]),
    ],
)
def test_a_name_stands_whole_in_a_telephones_tile(name: str, lines: list[str]) -> None:
    assert tiles.Tile("36.04.05", name, 1, 1, []).lines == lines


def test_desa_stand_inside_their_tile_and_apart() -> None:
    for count in (0, 1, 7, 17, 18, 19, 60):
        [tile] = tiles.lay_out({"36.04.05": "x"}, {"36.04.05": [f"36.04.05.{n:04}" for n in range(count)]})
        assert len({(square.x, square.y) for square in tile.squares}) == count
        for square in tile.squares:
            assert square.side > 0
            assert max(square.x, square.y) + square.side <= tiles.SIDE
    strange = tiles.lay_out({"36.04.05": "x", "99.01": "y"}, {})
    assert [(tile.code, tile.column) for tile in strange] == [("36.04.05", 4), ("99.01", 1)]
    assert strange[1].row > strange[0].row


def square(west: float, south: float, side: float = 0.1) -> dict[str, Any]:
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def boundaries(folder: Path, desa: dict[str, Any], kecamatan: dict[str, Any]) -> Path:
    for file, key, areas in (("desa", "kode_desa", desa), ("kecamatan", "kode_kecamatan", kecamatan)):
        features = [{"properties": {key: code}, "geometry": geometry} for code, geometry in areas.items()]
        (folder / f"{file}.geojson").write_text(json.dumps({"features": features}), encoding="utf-8")
    return folder


def test_true_shapes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_zone(tmp_path, "public", months=2, kecamatan=1)
    desa = {
        "36.04.05.2001": square(106.0, -6.1),
        "36.04.05.2002": square(106.1, -6.1),
        "36.04.99.2001": square(106, -6),
    }
    boundaries(tmp_path, desa, {"36.04.05": square(106.0, -6.1, 0.2)})
    monkeypatch.setenv("TEGAK_BOUNDARIES", str(tmp_path))
    page = read_site(folder)["peta.html"]
    assert_whole("peta.html", page)
    drawn = [
        given for tag, given in page.elements if tag == "path" and "d" in given and given.get("class", "")[:2] == "a "
    ]
    assert [given.get("data-area") for given in drawn] == ["36.04.05.2001", "36.04.05.2002", None]
    assert "36.04.99.2001: belum ada data" in page.text
    assert {given["data-map"] for tag, given in page.elements if "data-map" in given} == {"tiles", "shapes"}


def test_a_shape_is_north_up_and_without_idle_points(tmp_path: Path) -> None:
    wide = {"type": "MultiPolygon", "coordinates": [[[[0, 0], [1, 0], [2, 0], [2, 1], [0, 1], [0, 0]]]]}
    made = shapes.read_shapes(boundaries(tmp_path, {"a": wide}, {"k": wide}))
    assert made.desa["a"] == made.kecamatan["k"] == "M0 450l900 0 0-450-900 0z"
    assert made.height == 451


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"features": [{"properties": {}, "geometry": {}}]}', '{"features": 3}', '{"features": []}', None]
    + [
        f'{{"features": [{{"properties": {{"kode_desa": "1"}}, "geometry": {g}}}]}}'
        for g in ("null", '{"type": "Point"}')
    ]
    + [
        '{"features": [{"properties": {"kode_desa": "1"}, "geometry": {"type": "Polygon", "coordinates": [[[NaN, 1]]]}}]}'
    ],
)
def test_bad_boundaries_cost_the_picture_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folders: dict[str, Path], text: str | None
) -> None:
    boundaries(tmp_path, {}, {})
    (tmp_path / "desa.geojson").unlink() if text is None else (tmp_path / "desa.geojson").write_text(text)
    monkeypatch.setenv("TEGAK_BOUNDARIES", str(tmp_path))
    with duckdb.connect(str(folders["public"] / "tegak.duckdb"), read_only=True) as con:
        [page] = burden.pages(Zone(con, "public", RELEASE, AS_OF, folders["public"]))
    assert page.shows["shapes"] is None
    assert "berkas" in page.shows["shape_trouble"][0]


@pytest.mark.parametrize("is_invented", [True, False])
def test_each_page_of_an_invented_regency_says_so(tmp_path: Path, is_invented: bool) -> None:
    folder = make_zone(tmp_path, "public", after=(f"update release_info set is_invented = {is_invented}",))
    write_site(folder, RELEASE, AS_OF)
    pages = [page.read_text(encoding="utf-8") for page in (folder / "site").glob("*.html")]
    assert len(pages) > 5
    assert {"Data rekaan: bukan anak yang sebenarnya" in page for page in pages} == {is_invented}
    assert {"Invented data: no true children" in page for page in pages} == {is_invented}
