"""Invented Indonesian names: given names, drawn one by one and joined."""

from pathlib import Path
from typing import Any

import numpy as np
import yaml

Words = dict[str, Any]  # of names.yml and names_other.yml


def _read(name: str) -> Words:
    return yaml.safe_load(Path(__file__).with_name(name).read_text(encoding="utf-8"))


WORDS = _read("names.yml")
# Names of which no author of a linkage rule has thought: measured on them, a rule's quality is no artefact.
NAMES = {"common": WORDS, "other": _read("names_other.yml")}
MOTHER_CALLED = ("By Ny", "By. Ny.", "Bayi Ny", "By Ibu", "Bayi")
NO_NAME = ("", "-", "Bayi", "By", "Tanpa Nama")


def draw_names(rng: np.random.Generator, is_male: np.ndarray, is_child: np.ndarray, words: Words) -> np.ndarray:
    """Draw one name per person, in title case.

    Children have two words, a fifth three; adults have two, a fifth (the old village habit) one. Of the common
    names three boys in ten are called Muhammad first. The rates are ours, chosen so that name and birth date are nearly
    unique within a desa.

    Args:
        rng: source of chance.
        is_male: boolean, shape (n,).
        is_child: boolean, shape (n,); children and adults are named from different generations' lists.
        words: a value of NAMES.

    Returns:
        Object array of str, shape (n,).
    """
    names = np.empty(is_male.size, object)
    for who, kind, length_shares in (
        (is_male & is_child, "boy", (0.0, 0.8, 0.2)),
        (~is_male & is_child, "girl", (0.0, 0.8, 0.2)),
        (is_male & ~is_child, "man", (0.2, 0.78, 0.02)),
        (~is_male & ~is_child, "woman", (0.2, 0.78, 0.02)),
    ):
        names[who] = _join(rng, int(who.sum()), kind, length_shares, words)
    return names


def _join(
    rng: np.random.Generator, count: int, kind: str, length_shares: tuple[float, float, float], words: Words
) -> np.ndarray:
    first, second = np.array(words[f"{kind}_first"], object), words[f"{kind}_second"]
    skew = words["skew"]
    length = rng.choice(3, count, p=length_shares) + 1
    after = np.array(["", *(f" {name}" for name in second)], object)
    name = first[_pick(rng, first.size, count, skew)]
    name = name + after[np.where(length >= 2, 1 + _pick(rng, len(second), count, skew), 0)]
    name = name + after[np.where(length == 3, 1 + _pick(rng, len(second), count, skew), 0)]
    title, share = words["before"].get(kind, ("", 0.0))
    before = np.array(["", f"{title} "], object)
    return before[(rng.random(count) < share).astype(int)] + name


def _pick(rng: np.random.Generator, size: int, count: int, skew: float) -> np.ndarray:
    """Draw places in a list: with skew 0 each as often as any, else the k-th in proportion to 1 / k^skew (Zipf)."""
    if skew == 0:
        return rng.integers(0, size, count)
    weights = np.arange(1, size + 1) ** -skew
    return rng.choice(size, count, p=weights / weights.sum())
