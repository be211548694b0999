"""Where a bench works: one folder with the invented deliveries, a data folder per section, and one measured night."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from include.settings import ROOT
from tests.bench.measure import Run, Side, run_command, run_side
from tests.ordeal.regency import write_invented
from tests.ordeal.stage import environment_of

EXTRAS = ROOT / ".venv-bench"  # packages that only the bench compares with; `make bench` makes it


@dataclass
class Bench:
    """The folder and the size of one bench; `step` tells the person who waits what runs."""

    folder: Path
    size: str
    step: Callable[[str], None]
    nights: dict[str, Run] = field(default_factory=dict)

    def environment(self, section: str) -> dict[str, str]:
        return environment_of(self.folder / section)

    def landing(self, size: str = "") -> Path:
        """Return the deliveries of an invented regency, written once per size."""
        size = size or self.size
        folder = self.folder / f"deliveries_{size}"
        if not folder.exists():
            self.step(f"deliveries of a {size} regency")
            write_invented(size, folder, self.folder / f"truth_{size}")
        return folder

    def files(self) -> Path:
        """Return the folder of the files whose intake is measured, written once: the same bytes for every size."""
        folder = self.folder / "files"
        if not folder.exists():
            self.step("files for the intake")
            asked = {"landing": str(self.landing("small")), "folder": str(folder)}
            run_side(Side("tests.bench.intake:write_files", asked), self.environment("files_of_intake"))
        return folder

    def night(self, size: str = "") -> Run:
        """Run one whole night of the product over a regency, as `make nightly` does; once per size."""
        size = size or self.size
        if size not in self.nights:
            environment = self.environment(f"night_{size}")
            shutil.copytree(self.landing(size), self.data(size) / "landing")
            self.step(f"a night of a {size} regency")
            command = [sys.executable, "-m", "include.nightly", "--size", size]
            self.nights[size], _ = run_command(command, environment)
        return self.nights[size]

    def data(self, size: str = "") -> Path:
        """Return the data folder of that night."""
        return self.folder / f"night_{size or self.size}" / "data"

    @property
    def extras(self) -> str:
        """The folder of the packages that only the bench needs."""
        return str(next(EXTRAS.glob("lib/python*/site-packages"), EXTRAS))

    def missing(self, package: str) -> str:
        """Return why a package of the bench cannot be used, empty when it can."""
        if not EXTRAS.exists():
            return "not installed (make bench installs it)"
        command = [sys.executable, "-c", f"import sys; sys.path.append({self.extras!r}); import {package}"]
        tried = subprocess.run(command, capture_output=True, text=True, check=False)
        return tried.stderr.strip().splitlines()[-1] if tried.returncode else ""
