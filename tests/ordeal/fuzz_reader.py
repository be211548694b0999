"""The fuzzing process: reads one mutated file after the other with the intake's own readers, and counts rows itself.

With atheris the mutations are guided by the coverage of our readers; without it they are the same mutations of the
same seeds. It may die (a library that aborts): `fuzz.py` then looks at the file it died of and starts it again.
"""

import codecs
import json
import random
import re
import resource
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

try:
    import atheris
except ImportError:  # no wheel for this machine
    atheris = None
GUIDED = ("include.readers", "include.textfile", "include.workbook", "include.headers", "include.grid")
if atheris:
    with atheris.instrument_imports(include=list(GUIDED)):
        from include import readers
else:
    from include import readers

import duckdb
import python_calamine

from include import load, settings, warehouse
from include.archive import Delivery
from include.contract_reader import find_dataset
from include.gate import judge_without_gx
from include.grid import DELIVERY, Grid, Refused
from include.limits import Limits
from tests.ordeal import fuzz_seeds

DATASET = find_dataset("uji", "timbang", Path(__file__).parents[1] / "fixtures" / "contracts")
BATCH = 100
_NO_BLANKS = dict.fromkeys(map(ord, "\t\n\f\r \x1f\xa0\u2007\u200b\u202f\ufeff"))


class Fuzzer:
    """Reads files, loads what can be read, and keeps the counts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.counts = dict.fromkeys(
            ("cases", "refused", "read", "rows", "accepted", "quarantined", "repeated", "settled", "lost"), 0
        )
        self.failures: list[str] = []
        self.con = duckdb.connect(config=warehouse.config())
        warehouse.prepare(self.con)
        load.forget_changed_contract(self.con, DATASET)
        self.waiting = 0
        settings.DATA = folder

    def examine(self, data: bytes) -> None:
        """Read one file; anything but a grid or a refusal is a failure, and so is a row that is not there."""
        (self.folder / "last").write_bytes(data)
        self.counts["cases"] += 1
        try:
            self._examine(data)
        except Refused as refusal:
            self.counts["refused"] += 1
            if not re.fullmatch(r"x\.dat[^\n]*\.", str(refusal)):
                self._fail(data, f"no sentence: {refusal}")
        except BaseException as error:  # noqa: BLE001  that is what is looked for
            place = traceback.extract_tb(error.__traceback__)[-1]
            self._fail(data, f"{error!r} in {Path(place.filename).name}, line {place.lineno}")
        if self.counts["cases"] % BATCH == 0:
            self.tell()

    def _examine(self, data: bytes) -> None:
        with tempfile.TemporaryDirectory(dir=self.folder) as scratch:
            file = Path(scratch) / DELIVERY
            file.write_bytes(data)
            grid = readers.read_delivery(file, "x.dat", DATASET, Path(scratch), Limits.of(len(data)))
            least, most = self._rows_by_hand(grid, Path(scratch))
            load.read_grid = lambda *_: grid
            load.scratch_folder = lambda: nullcontext(Path(scratch))
            number = self.counts["cases"]
            delivery = Delivery(
                f"{number:064}",
                "uji",
                "timbang",
                "2026-10",
                "x.dat",
                len(data),
                f"2026-11-01T00:00:00.{number:06}+00:00",
                "-",
            )
            refusal = load.load_delivery(self.con, DATASET, delivery, file)
        if refusal:
            self.con.execute("delete from audit.deliveries where delivery_id = ?", [delivery.delivery_id])
            if "no row under" in refusal and most:
                self.counts["lost"] += most
                self._fail(data, f"{most} rows by hand, none read")
            raise Refused(refusal)
        self.counts["read"] += 1
        self.waiting += 1
        [(read,)] = self.con.execute(
            "select rows_read from audit.deliveries where delivery_id = ?", [delivery.delivery_id]
        ).fetchall()
        self.counts["rows"] += read
        if not least <= read == most:
            self.counts["lost"] += max(least, most) - read
            self._fail(data, f"{least} to {most} rows by hand, {read} read")

    def _rows_by_hand(self, grid: Grid, scratch: Path) -> tuple[int, int]:
        """Count without the reader's help the rows with a letter or digit, and those with any sign to be seen.

        Raises when letters of the source are not in the grid.
        """
        with grid.path.open(encoding="utf-8", newline="") as stream:
            lines = re.split("\r\n|\n", stream.read())[grid.skip :]
        most = sum(bool(line.replace(grid.delimiter, "").translate(_NO_BLANKS)) for line in lines)
        if grid.sheet is None:
            source = scratch / "inner" if (scratch / "inner").exists() else scratch / DELIVERY
            below = _lines(source.read_bytes())
            if not _letters(below).endswith(_letters(lines)):
                raise AssertionError("letters were changed between the file and its grid")
            # without quotes a row is a line; with quotes a row may be several
            below = below[grid.first_row - 1 :] if '"' not in "".join(below) else []
            if below and _letters(below) != _letters(lines):
                raise AssertionError("letters were lost between the file and its grid")
        else:
            [workbook] = scratch.glob("workbook.*")
            with python_calamine.CalamineWorkbook.from_path(workbook) as book:
                rows = book.get_sheet_by_name(grid.sheet).to_python(skip_empty_area=False)
            below = [" ".join(map(str, row[: grid.width])) for row in rows[grid.first_row - 1 :]]
        return sum(bool(_letters([line])) for line in below), most

    def _fail(self, data: bytes, why: str) -> None:
        kept = self.folder / f"failed-{len(self.failures)}"
        kept.write_bytes(data)
        self.failures.append(f"{why} ({kept.name}: {data[:60]!r})")

    def tell(self) -> None:
        """Judge what was loaded since by the gate's SQL, forget it, and write the counts down."""
        if self.waiting:
            try:
                judge_without_gx(self.con, DATASET)
                [fates] = self.con.execute(
                    "select sum(rows_accepted), sum(rows_quarantined), sum(rows_accepted + rows_quarantined + "
                    "rows_duplicate + rows_superseded), sum(rows_read) from audit.deliveries"
                ).fetchall()
                self.counts["accepted"] += int(fates[0])
                self.counts["quarantined"] += int(fates[1])
                self.counts["settled"] += int(fates[2])
                self.counts["repeated"] += int(fates[2] - fates[0] - fates[1])
                if fates[2] != fates[3]:
                    self.failures.append(f"{fates[3]} rows read, {fates[2]} settled")
            except Exception as error:  # noqa: BLE001  that is what is looked for
                self.failures.append(f"the gate: {error!r}")
            for table in ("audit.deliveries", "audit.quarantine", DATASET.table, DATASET.raw_table):
                self.con.execute(f"delete from {table}")
            self.waiting = 0
        (self.folder / "counts.part").write_text(json.dumps({"counts": self.counts, "failures": self.failures}))
        (self.folder / "counts.part").rename(self.folder / "counts.json")


def _letters(lines: list[str]) -> str:
    return "".join(filter(str.isalnum, "".join(lines)))


def _lines(data: bytes) -> list[str]:
    """Decode and part a text as the rules say, by other means than the reader's."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252")
    return re.split("\r\n|\r|\n", text)


def main(folder: Path, runs: int, seed: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (3 * 2**30, 3 * 2**30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    fuzzer = Fuzzer(folder)
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    made = list(fuzz_seeds.seeds(min(400, runs // 4), seed))
    if atheris is None:
        for number in range(runs):
            dice = random.Random(seed * 1_000_003 + number)
            fuzzer.examine(
                made[number] if number < len(made) else fuzz_seeds.mutate(dice.choice(made), dice.randrange(2**32))
            )
        fuzzer.tell()
        return
    for number, content in enumerate(made):
        (corpus / f"{number:04}").write_bytes(content)

    def test(data: bytes) -> None:
        fuzzer.examine(data)
        if fuzzer.counts["cases"] >= runs:
            fuzzer.tell()
            sys.stdout.flush()
            atheris_exit()

    def mutator(data: bytes, max_size: int, seed: int) -> bytes:
        by_bytes: Callable[[bytes], bytes] = lambda part: atheris.Mutate(part, max(len(part) + 64, 64))
        return fuzz_seeds.mutate(data, seed, by_bytes)[:max_size]

    options = [
        f"-seed={seed}",
        f"-runs={runs + 10}",
        "-max_len=262144",
        "-timeout=60",
        "-rss_limit_mb=0",
        "-len_control=0",
    ]
    atheris.Setup(["fuzz", *options, f"-artifact_prefix={folder}/", str(corpus)], test, custom_mutator=mutator)
    atheris.Fuzz()


def atheris_exit() -> Any:
    import os

    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
