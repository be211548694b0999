"""What a section returns: lines of one table, each a figure of ours, mostly beside another's."""

from dataclasses import dataclass, replace

from tests.bench.measure import Run, Spread, cpu, peak, ratio, seconds


@dataclass(frozen=True)
class Line:
    """One comparison. `figure` is the name under which its ratio stands in the last line, `goal` the most it may be.

    `ours` and `theirs` are seconds on the clock, `cpu` the median seconds of computing; `theirs` may be scaled up from a
    sample, then `note` says so.
    """

    what: str
    ours: Spread
    cpu: float
    peak_mb: float
    rounds: int
    against: str = ""
    theirs: Spread | None = None
    theirs_cpu: float | None = None
    theirs_peak_mb: float | None = None
    ratio: Spread | None = None
    goal: float | None = None
    least: bool = False  # the goal is a least and no most
    figure: str = ""
    note: str = ""

    def slower(self, least: float, figure: str) -> "Line":
        """Say how many times the other takes what ours takes, and how many it must be at least."""
        assert self.ratio
        turned = Spread(1 / self.ratio.median, 1 / self.ratio.most, 1 / self.ratio.least)
        return replace(self, ratio=turned, goal=least, least=True, figure=figure)

    @property
    def is_missed(self) -> bool:
        if self.goal is None or self.ratio is None:
            return False
        return self.ratio.median < self.goal if self.least else self.ratio.median > self.goal


def line(
    what: str,
    ours: list[Run],
    against: str = "",
    theirs: list[Run] | None = None,
    goal: float | None = None,
    figure: str = "",
    note: str = "",
) -> Line:
    """Compare two sides that ran in turns; how many times ours takes what theirs takes."""
    return Line(
        what,
        seconds(ours),
        cpu(ours),
        peak(ours),
        len(ours),
        against,
        seconds(theirs) if theirs else None,
        cpu(theirs) if theirs else None,
        peak(theirs) if theirs else None,
        ratio(ours, theirs) if theirs else None,
        goal,
        figure=figure,
        note=note,
    )
