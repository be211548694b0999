"""Which regencies an installation works for, which one a process is asked for, and what is called after them.

TEGAK_REGENCIES lists their codes; without it there is one, whose seeds lie in `dbt_project/regencies/`. A regency that
is alone has its code in no path, no key and no name of Airflow's. `python -m include.regencies` says what is wrong with
TEGAK_REGENCY before anything is written; with `data` it prints where the regency's data lie, with `pools` what
`airflow pools import` reads.
"""

import csv
import json
import os
import re
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from include.problem import Problem, run

FOLDER = Path(__file__).resolve().parents[1] / "dbt_project" / "regencies"
# what is each regency's own; contracts, models and all other seeds are the same for all
SEEDS = (
    "ref_desa",
    "ref_desa_aliases",
    "ref_kabupaten",
    "ref_kecamatan",
    "ref_kecamatan_tiles",
    "ref_puskesmas",
    "ref_puskesmas_desa",
    "ref_stunting_goals",
)


class RegencyProblem(Problem):
    """No regency is chosen, or one that this installation cannot work for; the message says what to do."""


@dataclass(frozen=True)
class Regency:
    """One regency of the installation, as Airflow's DAGs, pools and assets know it."""

    code: str
    is_alone: bool

    def named(self, first: str, *rest: str) -> str:
        """Return the name of a DAG or pool: `ingest_36.04_dinkes`, without the code when the regency is alone."""
        return "_".join([first, *self._code, *rest])

    def asset(self, agency: str, dataset: str) -> str:
        """Return the address of the asset of a dataset."""
        return "/".join(["tegak:/", *self._code, agency, dataset])

    @property
    def for_tasks(self) -> dict[str, Any]:
        """What each task of its DAGs has: the slot of its one writer, its places before it runs, its record of failures."""
        from include import alerts, settings  # here, for the settings read this module

        return {
            "pool": self.named("warehouse_writer"),
            "pre_execute": lambda context: settings.work_for(self),
            "on_failure_callback": partial(alerts.note_failure, regency=self),
        }

    @property
    def _code(self) -> list[str]:
        return [] if self.is_alone else [self.code]


def read_regencies() -> list[Regency]:
    """Return the regencies of the installation. Raises `RegencyProblem`."""
    said = [
        _code(text, "TEGAK_REGENCIES") for text in re.split(r"[,\s]+", os.environ.get("TEGAK_REGENCIES", "")) if text
    ]
    codes = list(dict.fromkeys(said)) or sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
    if len(codes) != 1 and not said:
        raise RegencyProblem(
            f"{_shown(FOLDER)} has the seeds of {', '.join(codes) or 'no regency'}: name in TEGAK_REGENCIES of .env "
            "those for which this installation works."
        )
    return [Regency(code, len(codes) == 1) for code in codes]


def asked() -> Regency:
    """Return the regency that TEGAK_REGENCY names, or the only one. Raises `RegencyProblem`."""
    there = {regency.code: regency for regency in read_regencies()}
    text = os.environ.get("TEGAK_REGENCY", "").strip()
    if not text and len(there) > 1:
        raise RegencyProblem(f"This installation works for several regencies: say REGENCY={' or '.join(there)}.")
    code = _code(text, "REGENCY") if text else next(iter(there))
    if code not in there:
        raise RegencyProblem(
            f"REGENCY={text} is none of this installation's regencies, {', '.join(there)}: name it in TEGAK_REGENCIES "
            "of .env, or say one of these."
        )
    return there[code]


def seeds_of(code: str) -> Path:
    """Return the folder of a regency's own seeds. Raises `RegencyProblem` when they are not all there, or another's."""
    folder = FOLDER / code
    missing = [f"{name}.csv" for name in SEEDS if not (folder / f"{name}.csv").exists()]
    if missing:
        raise RegencyProblem(
            f"{_shown(folder)} has no {', '.join(missing)}: put the seeds of {code} there, in the columns of another "
            "regency's (docs/deployment.md, Several regencies)."
        )
    with (folder / "ref_kabupaten.csv").open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream)
        if "kabupaten_code" not in (rows.fieldnames or ()):
            raise RegencyProblem(
                f"{_shown(folder)}/ref_kabupaten.csv has no column kabupaten_code: save it as CSV with commas, in UTF-8 "
                "without a byte order mark."
            )
        codes = [row["kabupaten_code"] for row in rows]
    if codes != [code]:
        raise RegencyProblem(
            f"{_shown(folder)}/ref_kabupaten.csv says {', '.join(codes) or 'nothing'}: it has one row, of {code}."
        )
    return folder


def _code(text: str, where: str) -> str:
    """Return a code of Kemendagri with its point, as 36.04."""
    found = re.fullmatch(r"(\d\d)\.?(\d\d)", text)
    if not found:
        raise RegencyProblem(f"{where}: {text} is no code of a regency; write it as 36.04.")
    return f"{found[1]}.{found[2]}"


def _shown(path: Path) -> str:
    return str(path.relative_to(FOLDER.parents[1]))


def main(arguments: list[str]) -> int:
    """Return 0; raise `RegencyProblem` when the regency that is asked for cannot be worked for."""
    if arguments == ["pools"]:
        pool = {"slots": 1, "description": "DuckDB has one writer", "include_deferred": False}
        print(json.dumps({regency.named("warehouse_writer"): pool for regency in read_regencies()}))
        return 0
    regency = asked()
    seeds_of(regency.code)
    if arguments == ["data"]:
        from include.settings import data_of  # here, for the settings read this module

        print(data_of(regency))
    return 0


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
