"""Chooses what is suppressed: the small counts, and as few others as it takes until no attack narrows one.

The choice is the simple heuristic of sdcTable ("SIMPLEHEURISTIC") and of the modular approach of de Wolf (HiTaS,
2002, LNCS 2316): attack a count, suppress one near it while it is narrowed, go on to the next with that suppressed.
No count needs a second look, as suppressing more only widens what is possible. It ends: with all counts of a connected
part suppressed nothing in it can be narrowed.
"""

from collections import deque
from dataclasses import dataclass
from functools import partial

import numpy as np

from include.disclosure.attack import Attack
from include.disclosure.system import Flags, System, primary


@dataclass(frozen=True)
class Protection:
    """Which counts are suppressed, and those that are narrowed all the same (none, or nothing may be published)."""

    suppressed: Flags
    narrowed: list[int]


def protect(system: System, sticky: Flags | None = None) -> Protection:
    """Suppress small counts, what the last release suppressed (`sticky`), and what protects them."""
    suppressed = primary(system.truth)
    if sticky is not None:
        suppressed |= sticky & (system.truth > 0)
    attack = Attack(system)
    attack.begin(np.where(system.old, system.old_suppressed, suppressed))
    narrowed = _protect_each(attack)
    return Protection(attack.hidden, narrowed)


def _protect_each(attack: Attack) -> list[int]:
    """Suppress what it takes until each suppressed count and each subset is safe; return those that nothing protects."""
    left = []
    waiting = deque(np.flatnonzero(attack.hidden).tolist())
    sure = deque(sorted(attack.sure))
    while waiting or sure:
        if waiting:
            count = waiting.popleft()
            is_told = partial(attack.is_narrowed, count)
        else:
            part, count = sure.popleft()
            is_told = partial(attack.is_all, part, count)
        while is_told():
            further = _choose(attack, count)
            if further is None:
                left.append((count, is_told))
                break
            attack.suppress(further)
            waiting.append(further)
    return sorted({count for count, is_told in left if is_told()})


def _choose(attack: Attack, count: int) -> int | None:
    """Return the count to suppress for a narrowed one: the published one that binds it most, else the nearest one."""
    if binding := attack.binding.get(count):
        return binding[0]
    told = attack.system.told
    return next((other for other in attack.around([count]) if not attack.hidden[other] and not told[other]), None)
