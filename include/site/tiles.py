"""The tile map: a square for each kecamatan where its neighbours are its neighbours, a small one for each desa in it."""

import csv
import re
from dataclasses import dataclass
from math import ceil

from include import settings

TILES = settings.REGENCY_SEEDS / "ref_kecamatan_tiles.csv"
KECAMATAN = settings.REGENCY_SEEDS / "ref_kecamatan.csv"

SIDE, GAP = 104, 6
_HEAD, _EDGE = 48, 8  # room in a tile above its desa, and around them
_SHORT = 8  # letters that a line of a telephone's tile holds
# between two syllables: before a consonant and a vowel, but not inside ng and ny
_SEAM = r"[^aeiou](?=[^aeiouhgy][aeiou])|[aeiou](?=[^aeiou][aeiou])|g(?=[^aeiou][aeiou])"


@dataclass(frozen=True)
class Square:
    """A desa's square inside its tile; `side` without the gap to the next."""

    code: str
    x: float
    y: float
    side: float


@dataclass(frozen=True)
class Tile:
    """A kecamatan's tile at `x`, `y` with its desa; `column` and `row` count from 1 at the north-west."""

    code: str
    name: str
    column: int
    row: int
    squares: list[Square]

    @property
    def x(self) -> int:
        return (self.column - 1) * (SIDE + GAP)

    @property
    def y(self) -> int:
        return (self.row - 1) * (SIDE + GAP)

    @property
    def lines(self) -> list[str]:
        """Return the name in the two lines at most that a telephone's tile has room for."""
        first, _, second = self.name.partition(" ")
        if second or len(self.name) <= _SHORT:
            return [first, second] if second else [first]
        cuts = [found.start() + 1 for found in re.finditer(_SEAM, self.name)]
        cut = min(cuts, key=lambda cut: abs(cut - len(self.name) / 2), default=_SHORT)
        return [f"{self.name[:cut]}-", self.name[cut:]]


def read_places() -> dict[str, tuple[int, int]]:
    """Return column and row of each kecamatan that has a place on the map."""
    with TILES.open(encoding="utf-8", newline="") as stream:
        return {
            row["kecamatan_code"]: (int(row["tile_column"]), int(row["tile_row"])) for row in csv.DictReader(stream)
        }


def read_kecamatan() -> dict[str, str]:
    """Return the names of the regency's kecamatan by code."""
    with KECAMATAN.open(encoding="utf-8", newline="") as stream:
        return {row["kecamatan_code"]: row["kecamatan_name"] for row in csv.DictReader(stream)}


def lay_out(names: dict[str, str], desa: dict[str, list[str]]) -> list[Tile]:
    """Place the kecamatan of `names`, with the codes of their desa; one that has no place stands below the others."""
    places = read_places()
    placed = {code: places[code] for code in names if code in places}
    columns = max([8, *(column for column, _ in placed.values())])
    below = max([0, *(row for _, row in placed.values())]) + 1
    for n, code in enumerate(sorted(set(names) - set(placed))):
        placed[code] = (n % columns + 1, below + n // columns)
    ordered = sorted(placed, key=lambda code: (placed[code][1], placed[code][0]))
    return [Tile(code, names[code], *placed[code], _squares(desa.get(code, []))) for code in ordered]


def size(tiles: list[Tile]) -> tuple[int, int]:
    """Return width and height of the map."""
    return max(tile.x for tile in tiles) + SIDE, max(tile.y for tile in tiles) + SIDE


def _squares(codes: list[str]) -> list[Square]:
    """Lay the desa out in rows, the squares as large as lets all of them into the tile, and no larger than reads well."""
    width, height = SIDE - 2 * _EDGE, SIDE - _HEAD - _EDGE
    across = next(n for n in range(6, len(codes) + 7) if ceil(len(codes) / n) * width / n <= height)
    step = width / across
    side = round(step * 0.84, 1)
    return [
        Square(code, round(_EDGE + n % across * step, 1), round(_HEAD + n // across * step, 1), side)
        for n, code in enumerate(sorted(codes))
    ]
