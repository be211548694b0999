"""What reading one delivery may cost: each limit grows with the bytes delivered, so a small file cannot ask for much.

A true workbook inflates 5 to 20 times; the factors leave several times that.
"""

from dataclasses import dataclass
from typing import Self

from include import settings

_MB = 2**20


@dataclass(frozen=True)
class Limits:
    """Limits on the child that reads one delivery: bytes of memory, of inflated members and of the table written;
    seconds of computing and of waiting."""

    memory: int
    inflated: int
    written: int
    cpu_seconds: int
    wall_seconds: int

    @classmethod
    def of(cls, delivered: int) -> Self:
        """Return the limits for a delivery of so many bytes."""
        cpu_seconds = 2 + 3 * delivered // _MB
        return cls(
            memory=min(160 * _MB + 60 * delivered, 3072 * _MB),
            inflated=min(32 * _MB + 100 * delivered, settings.MAX_INFLATED_BYTES),
            written=min(64 * _MB + 50 * delivered, 2 * settings.MAX_INFLATED_BYTES),
            cpu_seconds=cpu_seconds,
            wall_seconds=30 + 10 * cpu_seconds,  # a busy machine is no fault of the file
        )
