"""How one name comes to be spelled in two registers: by the habits of an office, or by slips on a keyboard."""

import re

import numpy as np

ERRORS = ("office", "keyboard")
KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
# Slips of the hand and their shares, ours: single-key slips lead, as in typed text everywhere.
SLIPS = {"neighbour": 0.25, "dropped": 0.2, "doubled": 0.15, "transposed": 0.15, "order": 0.12, "initial": 0.13}


def office(name: str, kind: int) -> str:
    """Spell a name as another office would (domain 1.2); names without the letters that a kind changes stay as they are.

    1-8: short forms of Muhammad, a word left out, f for p as it is spoken here, one letter for two, a letter lost.
    9, 10: the ways of the social register.
    """
    is_muhammad, after = name.startswith("Muhammad "), name.removeprefix("Muhammad ")
    match kind:
        case 1:
            return f"Muh. {after}" if is_muhammad else _without_last_word(name)
        case 2:
            return f"M. {after}" if is_muhammad else name.replace("ah", "a")
        case 3:
            return f"Moh {after}" if is_muhammad else name.replace("kh", "h")
        case 4:
            return name.replace("F", "P").replace("f", "p")
        case 5:
            return name.replace("y", "i")
        case 6:
            return re.sub("(a|n|s|l)\\1", "\\1", name)
        case 7:
            return name.replace("Z", "J").replace("z", "j")
        case 8:
            return name[:2] + name[3:]
        case 9:
            return name.replace("Y", "I").replace("y", "i").replace("Ah", "A").replace("ah", "a")
        case 10:
            return _without_last_word(name)
    return name


def slip(name: str, rng: np.random.Generator) -> str:
    """Type a name with one slip.

    A key beside the right one, a letter dropped, doubled or transposed; or words in another order, or the middle word (of
    two the second) as its initial, for which a name of one word gets a key beside.
    """
    kind = rng.choice(list(SLIPS), p=list(SLIPS.values()))
    words = name.split(" ")
    if len(words) > 1 and kind == "order":
        return " ".join([words[-1], *words[:-1]])
    if len(words) > 1 and kind == "initial":
        words[len(words) // 2] = words[len(words) // 2][0]
        return " ".join(words)
    letters = [place for place, letter in enumerate(name) if letter.isalpha()]
    typed = name
    while typed.lower() == name.lower():  # two equal letters transposed, a letter at the end of its row
        typed = _mistype(name, int(rng.choice(letters)), str(kind), rng)
    return typed


def _mistype(name: str, place: int, kind: str, rng: np.random.Generator) -> str:
    before, letter, after = name[:place], name[place], name[place + 1 :]
    match kind:
        case "dropped":
            return before + after
        case "doubled":
            return before + letter + letter.lower() + after
        case "transposed":
            return before + after[:1] + letter + after[1:] if after[:1].isalpha() else name
    row = next((row for row in KEYBOARD if letter.lower() in row), letter.lower())
    beside = row.find(letter.lower()) + int(rng.choice([-1, 1]))
    key = row[beside] if 0 <= beside < len(row) else letter
    return before + (key.upper() if letter.isupper() else key) + after


def misspell(names: np.ndarray, kind: np.ndarray, changing: float, errors: str, rng: np.random.Generator) -> np.ndarray:
    """Spell the names whose kind is not 0 otherwise.

    Many of the office's spellings leave a name as it is, slips never do. So that both err equally often on the common
    names, slips hit only the share `changing` of these names.

    Args:
        names: object array of str, shape (n,).
        kind: of the office's spelling, 0 none, shape (n,).
        changing: share of the office's spellings that change a common name.
        errors: office or keyboard.
        rng: source of chance, which only slips use.
    """
    if errors not in ERRORS:
        raise ValueError(f"errors is one of {ERRORS}, not {errors!r}")
    spelled = names.copy()
    for place in np.flatnonzero(kind):
        if errors == "office":
            spelled[place] = office(names[place], kind[place])
        elif rng.random() < changing:
            spelled[place] = slip(names[place], rng)
    return spelled


def _without_last_word(name: str) -> str:
    return re.sub(" [^ ]+$", "", name)
