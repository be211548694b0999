"""dbt's own documentation of the project as one file that asks nobody for anything.

dbt brings the page as a template with two empty places, the manifest and the catalog. `dbt docs generate --static` fills
them after parsing and compiling the project again, and with all that a manifest holds: paths of this machine, moments,
and the invented persons of the unit tests. The night's own manifest and one look into the database's list of columns
say the same, in a fraction of a second and without any of it.
"""

import importlib.util
import json
import os
import re
from pathlib import Path
from typing import Any

from include import settings, warehouse

PROJECT = "tegak"
_OVERVIEW = """### Tegak

Tabel, aturan, dan silsilah proyek ini: nama kolom dan kode SQL saja, tidak ada data. Cari di atas, atau buka *models* →
*marts* di kiri; tombol di kanan bawah menggambar silsilah.

The tables, rules and lineage of this project: names of columns and SQL only, no data. Search above, or open *models* →
*marts* on the left; the button at the lower right draws the lineage.
"""
# What the page reads of a node. The rest is paths, moments and settings that say nothing to a reader.
_OF_ALL = ("unique_id", "name", "resource_type", "package_name", "original_file_path", "description", "depends_on")
_OF_TABLES = ("database", "schema", "alias", "fqn", "tags", "meta", "docs", "version", "access", "language")
_OF_TESTS = ("test_metadata", "column_name", "refs")
_OF_SOURCES = ("source_name", "source_description", "identifier", "loader", "loaded_at_field")
_OF_MACROS = (
    "unique_id",
    "name",
    "package_name",
    "original_file_path",
    "description",
    "arguments",
    "macro_sql",
    "docs",
)
_NO_REQUEST = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'\">"
)

Json = dict[str, Any]


class DocsTemplateChanged(Exception):
    """dbt's page no longer has the places that are filled or struck here; a new version of dbt needs a look."""


def write_dbt_docs(target: Path, out: Path) -> None:
    """Make `out` dbt's documentation as one HTML file, from the manifest in the folder `target` and the working database.

    The same project gives the same bytes, kept as `target`/docs.html and linked from there: two zones and ninety releases
    of an unchanged project hold the four megabytes once. Raises `DocsTemplateChanged`, and `FileNotFoundError` without a
    manifest.
    """
    manifest, kept = target / "manifest.json", target / "docs.html"
    if not kept.exists() or kept.stat().st_mtime_ns < manifest.stat().st_mtime_ns:
        page = _page(json.loads(manifest.read_text(encoding="utf-8"))).encode()
        if kept.exists() and kept.read_bytes() == page:
            os.utime(kept)
        else:
            fresh = target / ".docs.html"  # never written over: releases link to the old one
            fresh.write_bytes(page)
            fresh.replace(kept)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.unlink(missing_ok=True)
    try:
        out.hardlink_to(kept)
    except OSError:  # another file system
        out.write_bytes(kept.read_bytes())


def _page(manifest: Json) -> str:
    project = slim(manifest)
    page = template()
    for place, content in (("MANIFEST", project), ("CATALOG", catalog(project, _columns()))):
        # "</" would end the script that the JSON stands in
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).replace("</", "<\\/")
        page = _replaced(page, f'"{place}.JSON INLINE DATA"', text)
    return page


def template() -> str:
    """Return dbt's page without what would be fetched: its picture, its tracker; the policy forbids all the rest."""
    package = importlib.util.find_spec("dbt")  # not imported: that alone costs a second
    [folder] = package.submodule_search_locations if package and package.submodule_search_locations else [""]
    page = (Path(folder) / "task" / "docs" / "index.html").read_text(encoding="utf-8")
    page = _replaced(page, '<meta charset="utf-8">', f'<meta charset="utf-8">{_NO_REQUEST}')
    page = _replaced(page, '<link rel="canonical" href="/overview/"/>', "")
    page = _replaced(page, '<link rel="shortcut icon" href="${require(\'./assets/favicons/favicon.ico\')}"/>', "")
    page = _replaced(page, "!0===e.track&&r.turn_on_tracking()", "!1")
    # a link that the browser follows before Angular has filled it: an error on the console for each line of the menu
    page = page.replace(' xlink:href="{{', ' ng-attr-xlink:href="{{')
    return re.sub(r'"[^"]*(?:cloudfront\.net|sinter-collect\.com|fuzzed\.getdbt\.com)[^"]*"', '""', page)


def _replaced(page: str, old: str, new: str) -> str:
    if page.count(old) != 1:
        raise DocsTemplateChanged(f"dbt's docs page has {page.count(old)} times, not once: {old}")
    return page.replace(old, new)


def slim(manifest: Json) -> Json:
    """Return what the page reads of a manifest.

    Unit tests stay out, and with them the invented persons in their rows; so do the macros of dbt itself, which the page
    would leave out anyway.
    """
    nodes = {name: _node(node) for name, node in manifest["nodes"].items()}
    sources = {name: _node(source, _OF_SOURCES) for name, source in manifest["sources"].items()}
    exposures = {name: _picked(node, *_OF_ALL, *_OF_EXPOSURES) for name, node in manifest["exposures"].items()}
    macros = {
        name: _picked(macro, *_OF_MACROS) | {"depends_on": _of_project(macro["depends_on"])}
        for name, macro in manifest["macros"].items()
        if macro["package_name"] == PROJECT
    }
    known = {*nodes, *sources, *exposures}
    parents = {
        name: sorted(one for one in links if one in known)
        for name, links in manifest["parent_map"].items()
        if name in known and "test_metadata" not in nodes.get(name, {})  # those are no part of the lineage
    }
    empty: Json = {
        kind: {} for kind in ("metrics", "semantic_models", "saved_queries", "unit_tests", "functions", "groups")
    }
    return empty | {
        # the page's tracker asks for this word
        "metadata": {"adapter_type": "duckdb", "project_name": PROJECT, "send_anonymous_usage_stats": False},
        "nodes": nodes,
        "sources": sources,
        "exposures": exposures,
        "macros": macros,
        "docs": {
            f"doc.{PROJECT}.__overview__": {
                "name": "__overview__",
                "package_name": PROJECT,
                "block_contents": _OVERVIEW,
            }
        },
        "parent_map": parents,
    }


_OF_EXPOSURES = ("label", "type", "owner", "maturity", "url", "fqn", "tags", "meta", "refs")


def _node(node: Json, more: tuple[str, ...] = ()) -> Json:
    if node["resource_type"] == "test" and node.get("test_metadata"):
        kept = _picked(node, *_OF_ALL, *_OF_TESTS)
    elif node["resource_type"] == "test":  # one written by hand has a page of its own
        kept = _picked(node, *_OF_ALL, *_OF_TABLES, "raw_code")
    else:
        kept = _picked(node, *_OF_ALL, *_OF_TABLES, *more, "raw_code", "compiled_code")
        kept["columns"] = {
            name: _picked(column, "name", "description", "data_type", "meta", "tags")
            for name, column in node["columns"].items()
        }
        kept["config"] = _picked(node["config"], "materialized", "meta", "enabled")
    kept["depends_on"] = _of_project(node.get("depends_on", {}))
    return kept


def _of_project(depends_on: Json) -> Json:
    """Return what a node rests on, without dbt's own macros."""
    macros = [name for name in depends_on.get("macros", []) if name.split(".")[1] == PROJECT]
    return {"macros": sorted(macros), "nodes": depends_on.get("nodes", [])}


def _picked(node: Json, *keys: str) -> Json:
    return {key: node[key] for key in keys if key in node}


def _columns() -> list[tuple[str, str, str, str]]:
    """Return schema, table, column and type of each column of the working database; without one, nothing."""
    if not settings.WAREHOUSE.exists():
        return []
    with warehouse.open_to_read() as con:
        return con.execute(
            "select schema_name, table_name, column_name, data_type from duckdb_columns() "
            "where database_name = current_database() and not internal order by schema_name, table_name, column_index"
        ).fetchall()


def catalog(project: Json, columns: list[tuple[str, str, str, str]]) -> Json:
    """Return dbt's catalog: per table of the project the columns and types that the database really has."""
    tables: dict[tuple[str, str], Json] = {}
    for schema, table, column, data_type in columns:
        found = tables.setdefault((schema, table), {})
        found[column] = {"name": column, "type": data_type, "index": len(found) + 1}
    catalog: Json = {"nodes": {}, "sources": {}}
    for kind in catalog:
        for name, node in project[kind].items():
            key = (node.get("schema", ""), node.get("identifier") or node.get("alias", ""))
            if key in tables:
                metadata = {"schema": key[0], "name": key[1], "type": "TABLE"}
                stats = {"has_stats": {"id": "has_stats", "label": "", "value": False, "include": False}}
                catalog[kind][name] = {"unique_id": name, "metadata": metadata, "stats": stats, "columns": tables[key]}
    return catalog
