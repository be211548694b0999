"""What differs from place to place: how far services reach, and how the name of a desa comes to be misspelled."""

import numpy as np

from include.synthetic.population import Regions


def logit(share: float | np.ndarray) -> float | np.ndarray:
    """The log odds of a share."""
    return np.log(share / (1 - share))


def effects(regions: Regions, rng: np.random.Generator, kecamatan_sd: float, desa_sd: float) -> np.ndarray:
    """A normal effect per desa that desa of one kecamatan share in part."""
    kecamatan = np.unique(regions.desa["kecamatan_code"], return_inverse=True)[1]
    shared = rng.normal(0, kecamatan_sd, kecamatan.max() + 1)[kecamatan]
    return shared + rng.normal(0, desa_sd, kecamatan.size)


def reach(
    regions: Regions, mean: float, rng: np.random.Generator, kecamatan_sd: float = 0.35, desa_sd: float = 0.45
) -> np.ndarray:
    """The share of people whom a service reaches, per desa: the log odds vary around those of the mean."""
    return 1 / (1 + np.exp(-logit(mean) - effects(regions, rng, kecamatan_sd, desa_sd)))


def misspelled_names(regions: Regions) -> np.ndarray:
    """A spelling of each desa that is neither a name nor an alias in its kecamatan: one letter is missing."""
    codes, names = regions.desa["desa_code"], regions.desa["desa_name"]
    known = {(code[:8], _letters(name)) for code, name in zip(codes, names, strict=True)}
    known |= {(code[:8], _letters(alias)) for code, alias in regions.aliases.items()}
    spelled = []
    for code, name in zip(codes, names, strict=True):
        shorter = (name[:place] + name[place + 1 :] for place in range(len(name) - 2, 0, -1))
        spelled.append(next(text for text in shorter if (code[:8], _letters(text)) not in known))
    return np.array(spelled, object)


def _letters(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
