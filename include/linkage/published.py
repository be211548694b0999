"""Writes the measured quality of linkage as the seed that every release carries: ref_linkage_quality.csv."""

import csv
import statistics
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from include import settings
from include.linkage.measure import OVERALL, T_95, WITHOUT_NIK, Counts

QUALITY = settings.SEEDS / "linkage" / "ref_linkage_quality.csv"
INTERVAL_OF = ("precision", "recall", "f1")
COLUMNS = [
    *("faults", "tier", "links"),
    *(f"{figure}{end}" for figure in INTERVAL_OF for end in ("", "_low", "_high")),
    *("review_share", "computed_on"),
]


def write_quality(results: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Write one row per level of faults and tier: means over the seeds with their 95 % intervals."""
    new = QUALITY.with_suffix(".new")
    with new.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for faults, runs in results.items():
            tiers = {tier for run in runs for tier in run["tiers"] if not tier.startswith("rule ")}
            for tier in sorted(tiers, key=lambda name: (name not in (OVERALL, WITHOUT_NIK), name)):
                writer.writerow({"faults": faults, "tier": tier, **_figures(runs, tier)})
    new.replace(QUALITY)


def _figures(runs: Sequence[Mapping[str, Any]], tier: str) -> dict[str, str | int]:
    counts = [Counts(*run["tiers"].get(tier, (0, 0, 0))) for run in runs]
    figures: dict[str, str | int] = {"links": sum(count.right + count.wrong for count in counts)}
    for name in INTERVAL_OF:
        for column, value in zip((name, f"{name}_low", f"{name}_high"), interval_of(counts, name), strict=True):
            figures[column] = f"{value:.4f}"
    review = statistics.mean(run["review"] for run in runs) if tier == OVERALL else None
    figures["review_share"] = "" if review is None else f"{review:.4f}"
    figures["computed_on"] = date.today().isoformat()
    return figures


def interval_of(counts: Sequence[Counts], name: str) -> tuple[float, float, float]:
    """Return the mean of one figure over the seeds, and the ends of its 95 % interval within 0 and 1."""
    values = [float(getattr(count, name)) for count in counts]
    mean = statistics.mean(values)
    half = T_95 * statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else 0.0
    return mean, max(mean - half, 0.0), min(mean + half, 1.0)
