"""The true shapes of desa and kecamatan, when a folder with boundaries is configured (TEGAK_BOUNDARIES).

The folder holds `desa.geojson` and `kecamatan.geojson` (EPSG:4326) with the properties `kode_desa`, `kode_kecamatan`.
They are drawn in a projection of our own, equirectangular at the middle latitude: at a regency's size nothing else is
visible. Points are rounded to a grid before all else, so shared borders stay shared.
"""

import json
import os
from dataclasses import dataclass
from itertools import pairwise
from math import cos, isfinite, radians
from pathlib import Path
from typing import Any

WIDTH = 900
GRID = 2
"""Grid points per unit of the drawing."""

Ring = list[tuple[int, int]]


class NoShapes(Exception):
    """The folder does not hold boundaries that can be drawn; the message says in Indonesian what is wrong, then English."""


@dataclass(frozen=True)
class Shapes:
    """Paths (`d` of an SVG path) by code, in a box of `WIDTH` by `height`."""

    height: int
    desa: dict[str, str]
    kecamatan: dict[str, str]


def boundaries_folder() -> Path | None:
    """Return the folder that the setting names, or None."""
    name = os.environ.get("TEGAK_BOUNDARIES")
    return Path(name) if name else None


def read_shapes(folder: Path) -> Shapes:
    """Read both files; raises `NoShapes`."""
    desa, kecamatan = _read(folder / "desa.geojson", "kode_desa"), _read(folder / "kecamatan.geojson", "kode_kecamatan")
    points = [point for rings in [*desa.values(), *kecamatan.values()] for ring in rings for point in ring]
    if not points:
        raise NoShapes("berkas batas tidak berisi satu bidang pun", "the files of boundaries hold no area")
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    narrowing = cos(radians((south + north) / 2))
    if not (east - west) * narrowing > 0 or not north > south:
        raise NoShapes("batas-batas tidak mempunyai luas", "the boundaries have no extent")
    scale = WIDTH / ((east - west) * narrowing)

    def place(point: tuple[float, float]) -> tuple[int, int]:
        x, y = point
        return round((x - west) * narrowing * scale * GRID), round((north - y) * scale * GRID)

    drawn = [
        {code: "".join(_path([place(point) for point in ring]) for ring in rings) for code, rings in areas.items()}
        for areas in (desa, kecamatan)
    ]
    return Shapes(round((north - south) * scale) + 1, *drawn)


def _read(file: Path, key: str) -> dict[str, list[list[tuple[float, float]]]]:
    """Return the rings of each area by its code; several features of one code are one area."""
    try:
        features = json.loads(file.read_text(encoding="utf-8"))["features"]
        found: dict[str, list[list[tuple[float, float]]]] = {}
        for feature in features:
            found.setdefault(str(feature["properties"][key]), []).extend(_rings(feature["geometry"]))
    except OSError:
        raise NoShapes(f"berkas {file.name} tidak dapat dibaca", f"the file {file.name} cannot be read") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NoShapes(
            f"berkas {file.name} bukan GeoJSON dengan properti {key}",
            f"the file {file.name} is no GeoJSON with the property {key}",
        ) from None
    return found


def _rings(geometry: dict[str, Any]) -> list[list[tuple[float, float]]]:
    polygons = {"Polygon": lambda: [geometry["coordinates"]], "MultiPolygon": lambda: geometry["coordinates"]}
    rings = [
        [(float(point[0]), float(point[1])) for point in ring]
        for polygon in polygons[geometry["type"]]()
        for ring in polygon
    ]
    if not all(isfinite(value) for ring in rings for point in ring for value in point):
        raise ValueError("a coordinate is no number")
    return rings


def _path(ring: Ring) -> str:
    """Return a ring as a path of relative steps; a point is left out where the line goes straight through it."""
    kept: Ring = []
    for point in ring:
        if kept and kept[-1] == point:
            continue
        while len(kept) > 1 and _is_straight(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    if len(kept) < 4:  # smaller than the grid
        return ""
    steps = [(x - w, y - v) for (w, v), (x, y) in pairwise(kept[:-1])]
    start = f"{_number(kept[0][0])} {_number(kept[0][1])}"
    return f"M{start}l{' '.join(f'{_number(x)} {_number(y)}' for x, y in steps)}z".replace(" -", "-")


def _is_straight(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> bool:
    ahead = (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) >= 0
    return ahead and (b[0] - a[0]) * (c[1] - b[1]) == (b[1] - a[1]) * (c[0] - b[0])


def _number(steps: int) -> str:
    """Return steps of the grid in units of the drawing, in as few signs as can be."""
    return f"{steps / GRID:g}".replace("0.", ".") if abs(steps) < GRID else f"{steps / GRID:g}"
