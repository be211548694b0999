"""Marks of persons who do not exist, planted into the agencies' files: 50 each of NIK, names, phones, addresses.

A mark takes the place of what a file held, so that the night treats it as it treats any person. Some also lie where
bad input does: in cells that cannot be read, above the header, in a free text, in a column that no contract knows,
and in files that are refused.
"""

import random
import re
from dataclasses import dataclass
from pathlib import Path

OF_EACH = 50
_SEED = 2026
# no letter that the spelling of names is brought to another one, so that a cleaned name is still found
_SYLLABLES = ("bu", "ri", "da", "mon", "ta", "ku", "lin", "ra", "so", "gi", "ma", "pur", "ne", "la", "tur", "bo")
_PERSON = re.compile(rb"\b3604\d{12}\b")
_ADDRESS = re.compile(rb"KP\. [A-Z ]{5,30}(?=[,;\t])")
_PHONE = re.compile(rb"(?<=[,;\t])(?:\+62|62|0)8\d{8,11}(?=[,;\t])")
_NAME = re.compile(rb"(?<=[,;\t])[A-Z][A-Z]{3,14} [A-Z]{4,14}(?: [A-Z]{4,14})?(?=[,;\t])", re.IGNORECASE)
_WEIGHINGS = "dinkes/penimbangan/2026-10"


@dataclass(frozen=True)
class Mark:
    """One planted text; `kind` is nik, name, phone or address."""

    kind: str
    text: str


def make_marks() -> list[Mark]:
    """Return 200 marks, always the same."""
    chance = random.Random(_SEED)
    words: set[str] = set()
    while len(words) < 3 * OF_EACH:
        words.add("".join(chance.sample(_SYLLABLES, 4)).capitalize())
    word = iter(sorted(words))
    marks = [Mark("name", f"{next(word)} {next(word)}") for _ in range(OF_EACH)]
    marks += [Mark("address", f"KP. {next(word).upper()} {number}") for number in range(10, 10 + OF_EACH)]
    marks += [Mark("phone", f"08{chance.randrange(10**9, 10**10)}") for _ in range(OF_EACH)]
    # a birthday that the child's own date may contradict is no matter: the cell is read all the same
    niks = [f"360411{chance.randrange(1, 29):02}{chance.randrange(1, 13):02}24{7000 + n}" for n in range(OF_EACH)]
    return marks + [Mark("nik", nik) for nik in niks]


def plant(landing: Path, marks: list[Mark]) -> dict[str, int]:
    """Put each mark into the text files of the landing folder; return how often each kind lies there.

    The same person gets the same mark in every file, so that links between agencies still hold.
    """
    texts = {
        kind: [mark.text.encode() for mark in marks if mark.kind == kind]
        for kind in ("nik", "name", "phone", "address")
    }
    files = {path: path.read_bytes() for path in sorted(landing.rglob("*.csv"))}
    for path, content in files.items():
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):  # so that one pattern finds the cells of all
            files[path] = content.decode("utf-16").encode()
    for kind, pattern in (("nik", _PERSON), ("name", _NAME), ("address", _ADDRESS), ("phone", _PHONE)):
        _replace(files, pattern, texts[kind])
    _plant_bad_rows(files, texts)
    for path, content in files.items():
        path.write_bytes(content)
    _plant_bad_files(landing, texts)
    lying = [path.read_bytes() for path in landing.rglob("*") if path.is_file()]
    counts = {kind: sum(any(text in content for content in lying) for text in texts[kind]) for kind in texts}
    missing = [text for kind in texts for text in texts[kind] if not any(text in content for content in lying)]
    assert not missing, f"marks that lie in no file: {missing[:5]}"
    return counts


def _replace(files: dict[Path, bytes], pattern: re.Pattern[bytes], texts: list[bytes]) -> None:
    """Give a new text to so many of the found ones, the commonest first: they pass through the most steps."""
    found: dict[bytes, int] = {}
    for content in files.values():
        for text in pattern.findall(content):
            found[text] = found.get(text, 0) + 1
    chosen = sorted(found, key=lambda text: (-found[text], text))[: len(texts)]
    names = dict(zip(chosen, texts, strict=False))
    for path, content in files.items():
        files[path] = pattern.sub(lambda match: names.get(match[0], match[0]), content)


def _plant_bad_rows(files: dict[Path, bytes], texts: dict[str, list[bytes]]) -> None:
    """Marks in cells that cannot be read, above the header, and in a column that no contract knows."""
    path = next(path for path, content in files.items() if b",Tanggal Lahir," in content[:1000])
    lines = files[path].split(b"\n")
    head, rows = lines[0].rstrip(b"\r"), lines[1:]
    end = lines[0][len(head) :]
    place = head.split(b",").index(b"Tanggal Lahir")
    for number, text in enumerate([*texts["name"][:2], *texts["phone"][:2], *texts["nik"][:2]]):
        cells = rows[number].split(b",")
        cells[place] = text
        rows[number] = b",".join(cells)
    contact = b"Kontak " + texts["phone"][5]
    rows = [
        row.rstrip(b"\r") + b"," + texts["phone"][n % 50] + end if row.strip() else row for n, row in enumerate(rows)
    ]
    above = [b"Penanggung jawab: " + texts["name"][6] + b" HP " + texts["phone"][6] + end, end]
    files[path] = b"\n".join([*above, head + b"," + contact + end, *rows])


def _plant_bad_files(landing: Path, texts: dict[str, list[bytes]]) -> None:
    """Files that are refused whole, each full of marks."""
    folder = landing / _WEIGHINGS
    rows = [
        b",".join([name, b"Laki-laki", b"2024-05-06", nik, b"-", b"1", phone, address])
        for name, nik, phone, address in zip(
            *(texts[kind] for kind in ("name", "nik", "phone", "address")), strict=True
        )
    ]
    head = b"Nama Anak,Jenis Kelamin,Tanggal Lahir,NIK,Nomor KK,Anak Ke,No HP Orang Tua,Alamat"
    (folder / "tanpa_kepala.csv").write_bytes(b"\n".join(rows))
    (folder / "kepala_kurang.csv").write_bytes(b"\n".join([head, *rows]))
    (folder / "kutip_ganjil.csv").write_bytes(b'"' + b"\n".join([head, *rows]))
    (folder / "kepala_nama.csv").write_bytes(b"\n".join([texts["name"][0] + b"," + texts["nik"][0], *rows]))
    (landing / "dinkes" / "penimbangan" / "tanpa_periode.csv").write_bytes(b"\n".join([head, *rows]))
