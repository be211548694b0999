"""What a bench found, for a person and for a machine: a table, a JSON file, a Markdown file, one line."""

import json
import os
import platform
import subprocess
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.table import Table

from include.settings import ROOT
from tests.bench.lines import Line
from tests.bench.measure import Run, Spread

FIGURES = ("csv_x", "gate_x", "zscore_x", "naive_x")
_PACKAGES = {"duckdb": "duckdb", "dbt": "dbt-core", "gx": "great-expectations", "airflow": "apache-airflow"}
_HEADER = ("what", "seconds", "computing", "MB", "beside", "seconds", "computing", "MB", "times", "goal")


def machine() -> dict[str, Any]:
    """Return what the figures were measured on and with."""
    cpu = [line for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if "model name" in line]
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return {
        "cpu": cpu[0].partition(": ")[2] if cpu else platform.processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load_before": round(os.getloadavg()[0], 1),  # near 0: nothing else ran
        "python": platform.python_version(),
        **{name: version(package) for name, package in _PACKAGES.items()},
        "commit": commit.stdout.strip() or None,
    }


def table(lines: Iterable[Line]) -> Table:
    shown = Table(*_HEADER)
    for row, line in _rows(lines):
        shown.add_row(*row, style="red" if line.is_missed else "")
    return shown


def markdown(lines: Iterable[Line], facts: dict[str, Any], date: str) -> str:
    """Return the table as Markdown, with what it was measured on above it."""
    told = ", ".join(f"{name} {value}" for name, value in facts.items())
    rows = [_HEADER, ["---"] * len(_HEADER), *(row for row, _ in _rows(lines))]
    return f"Measured {date}: {told}.\n\n" + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _rows(lines: Iterable[Line]) -> list[tuple[list[str], Line]]:
    return [
        (
            [
                line.what,
                _spread(line.ours),
                f"{line.cpu:,.2f}",
                f"{line.peak_mb:,.0f}",
                f"{line.against} ({line.note})" if line.against and line.note else line.against or line.note,
                _spread(line.theirs),
                f"{line.theirs_cpu:,.2f}" if line.theirs_cpu is not None else "",
                f"{line.theirs_peak_mb:,.0f}" if line.theirs_peak_mb else "",
                _spread(line.ratio),
                _goal(line),
            ],
            line,
        )
        for line in lines
    ]


def _spread(spread: Spread | None) -> str:
    """The median, and the least and the most where there were several runs."""
    if spread is None:
        return ""
    digits = 1 if spread.median >= 100 else 2
    median, least, most = (f"{value:,.{digits}f}" for value in (spread.median, spread.least, spread.most))
    return median if least == most else f"{median} ({least}-{most})"


def _goal(line: Line) -> str:
    if line.goal is None:
        return ""
    return f"{'least' if line.least else 'most'} {line.goal:g}{', missed' if line.is_missed else ''}"


def last_line(lines: Iterable[Line], night: Run | None) -> str:
    """Return the one line; a figure that was not measured is a dash."""
    found = {line.figure: f"{line.ratio.median:.2f}" for line in lines if line.figure and line.ratio}
    figures = {
        "night_s": f"{night.seconds:.1f}" if night else "-",
        "peak_mb": f"{night.peak_mb:.0f}" if night else "-",
        **{name: found.get(name, "-") for name in FIGURES},
    }
    return "bench " + " ".join(f"{name}={value}" for name, value in figures.items())


def write(folder: Path, sections: dict[str, list[Line]], size: str, facts: dict[str, Any], last: str) -> Path:
    """Write both files of this bench; return the JSON file."""
    now = datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{now:%Y-%m-%dT%H%M%SZ}.json"
    told = {
        "measured_at": now.isoformat(timespec="seconds"),
        "size": size,
        "machine": facts,
        "last_line": last,
        "sections": {name: [asdict(line) for line in lines] for name, lines in sections.items()},
    }
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False), encoding="utf-8")
    lines = [line for part in sections.values() for line in part]
    path.with_suffix(".md").write_text(markdown(lines, facts, f"{now:%Y-%m-%d}"), encoding="utf-8")
    return path
