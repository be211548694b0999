"""Invented Indonesian names: common given names, drawn one by one and joined."""

from pathlib import Path

import numpy as np
import yaml

WORDS: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
MOTHER_CALLED = ("By Ny", "By. Ny.", "Bayi Ny", "By Ibu", "Bayi")
NO_NAME = ("", "-", "Bayi", "By", "Tanpa Nama")


def draw_names(rng: np.random.Generator, is_male: np.ndarray, is_child: np.ndarray) -> np.ndarray:
    """Draw one name per person, in title case.

    Children have two words, a fifth three; adults have two, a fifth (the old village habit) one. Three boys in ten are
    called Muhammad first. The rates are ours, chosen so that name and birth date are nearly unique within a desa.

    Args:
        rng: source of chance.
        is_male: boolean, shape (n,).
        is_child: boolean, shape (n,); children and adults are named from different generations' lists.

    Returns:
        Object array of str, shape (n,).
    """
    names = np.empty(is_male.size, object)
    for who, kind, length_shares, muhammad_share in (
        (is_male & is_child, "boy", (0.0, 0.8, 0.2), 0.3),
        (~is_male & is_child, "girl", (0.0, 0.8, 0.2), 0.0),
        (is_male & ~is_child, "man", (0.2, 0.78, 0.02), 0.05),
        (~is_male & ~is_child, "woman", (0.2, 0.78, 0.02), 0.0),
    ):
        names[who] = _join(rng, int(who.sum()), kind, length_shares, muhammad_share)
    return names


def _join(
    rng: np.random.Generator, count: int, kind: str, length_shares: tuple[float, float, float], muhammad_share: float
) -> np.ndarray:
    first, second = np.array(WORDS[f"{kind}_first"], object), WORDS[f"{kind}_second"]
    words = rng.choice(3, count, p=length_shares) + 1
    after = np.array(["", *(f" {name}" for name in second)], object)
    name = first[rng.integers(0, first.size, count)]
    name = name + after[np.where(words >= 2, rng.integers(1, after.size, count), 0)]
    name = name + after[np.where(words == 3, rng.integers(1, after.size, count), 0)]
    before = np.array(["", "Muhammad "], object)
    return before[(rng.random(count) < muhammad_share).astype(int)] + name
