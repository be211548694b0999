"""Chooses what is suppressed: the small counts, and as few others as it takes until no attack narrows one.

The choice is the simple heuristic of sdcTable ("SIMPLEHEURISTIC") and of the modular approach of de Wolf (HiTaS,
2002, LNCS 2316): attack, suppress one count near each narrowed one, attack again. It ends: with all counts of a
connected part suppressed nothing in it can be narrowed.
"""

from dataclasses import dataclass

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
    suppressed = np.where(system.old, system.old_suppressed, suppressed)
    attack = Attack(system)
    for hasty in (True, False):
        while narrowed := attack.narrowed(suppressed, hasty):
            chosen: set[int] = set()
            for count in narrowed:
                further = _choose(attack, count, suppressed, chosen)
                if further is not None:
                    chosen.add(further)
            if not chosen:
                break
            suppressed[list(chosen)] = True
    return Protection(suppressed, narrowed)


def _choose(attack: Attack, count: int, suppressed: Flags, chosen: set[int]) -> int | None:
    """Return the count to suppress for a narrowed one; None when one was just chosen for it, or none is left.

    First the published count that binds it most; where none does alone, the nearest one.
    """
    binding = attack.binding.get(count, [])
    if binding:
        return None if chosen & set(binding) else binding[0]
    told = attack.system.told
    for other in attack.around([count]):
        if other in chosen:
            return None
        if not suppressed[other] and not told[other]:
            return other
    return None
