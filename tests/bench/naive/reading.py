"""pandas reads a delivery against its contract: text cells first, then a column at a time as its type."""

import io
import math
import re
import zipfile
from pathlib import Path

import pandas as pd

from include.contract import Column, Dataset
from include.headers import HeaderError, find_header, map_header

_ENCODINGS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_BLANKS = " \t\xa0\u202f\u2007\ufeff\u200b\x1f"
_DATE = r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[ T].*)?"
_COUNT = r"(?:Rp\.? *)?[-+]?(?:[0-9]{1,3}(?:(?:\.[0-9]{3})+(?:,0+)?|(?:,[0-9]{3})+(?:\.0+)?)|[0-9]+(?:[.,]0+)?)"


class Unreadable(Exception):
    """The file does not fit its contract."""


def read(file: Path, dataset: Dataset) -> pd.DataFrame:
    """Return the typed rows of one file with `_row`, and per row the names of the columns not read or lost, as a text."""
    content, name = file.read_bytes(), file.name
    if zipfile.is_zipfile(io.BytesIO(content)) and file.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            name = archive.namelist()[0]
            content = archive.read(name)
    is_text = name.endswith(".csv")
    cells = _text_cells(content, dataset) if is_text else _workbook_cells(content, dataset)
    return _typed(cells, dataset)


def _text_cells(content: bytes, dataset: Dataset) -> pd.DataFrame:
    encoding = _ENCODINGS.get(content[:3]) or _ENCODINGS.get(content[:2]) or "utf-8"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("cp1252")
    head = text[: 64 * 1024].splitlines()[:15]
    found = []
    for delimiter in (";", ",", "\t", "|"):
        rows = [line.split(delimiter) for line in head]
        if (row := find_header(rows, dataset)) is not None:
            found.append((len(rows[row]), row, delimiter))
    if not found:
        raise Unreadable(f"no header of {dataset.table}")
    _, row, delimiter = max(found)
    frame = pd.read_csv(
        io.StringIO(text), sep=delimiter, dtype=str, keep_default_na=False, skiprows=row, on_bad_lines="skip"
    )
    frame["_row"] = range(row + 2, row + 2 + len(frame))
    return _named(frame, dataset)


def _workbook_cells(content: bytes, dataset: Dataset) -> pd.DataFrame:
    """Take the sheet with most of the contract's names: pandas does not say which sheets are hidden."""
    sheets = pd.read_excel(io.BytesIO(content), sheet_name=None, header=None, dtype=object, engine="calamine")
    found = []
    for name, sheet in sheets.items():
        head = sheet.head(15).map(_cell_text).to_numpy().tolist()
        if (row := find_header(head, dataset)) is not None:
            known = sum(bool(cell) for cell in head[row])
            found.append((known, name, row, head[row]))
    if not found:
        raise Unreadable(f"no header of {dataset.table}")
    _, name, row, header = max(found)
    frame = sheets[name].iloc[row + 1 :].map(_cell_text)
    frame.columns = pd.Index(header)
    frame["_row"] = range(row + 2, row + 2 + len(frame))
    return _named(frame, dataset)


def _cell_text(cell: object) -> str:
    if isinstance(cell, float):
        return "" if math.isnan(cell) else str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if hasattr(cell, "isoformat"):
        return cell.isoformat()[:10]
    return "" if cell is None else str(cell)


def _named(frame: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    header = [str(name) for name in frame.columns if name != "_row"]
    try:
        positions, _ = map_header(header, dataset)
    except HeaderError as error:
        raise Unreadable(str(error)) from error
    named = pd.DataFrame({name: frame.iloc[:, place] for name, place in positions.items()})
    named = named.reindex(columns=[column.name for column in dataset.columns])
    named["_row"] = frame["_row"]
    is_blank = frame.drop(columns="_row").apply(lambda column: column.str.strip(_BLANKS) == "").all(axis=1)
    return named[~is_blank].reset_index(drop=True)


def _typed(cells: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    order = _date_order(cells, dataset)
    typed = pd.DataFrame({"_row": cells["_row"]})
    unreadable, lost = pd.Series("", index=cells.index), pd.Series("", index=cells.index)
    for column in dataset.columns:
        text = cells[column.name].astype("string").str.strip(_BLANKS)
        text = text.mask(text.str.upper().isin(["", *(word.upper() for word in column.missing)]))
        values = _values(text, column, order)
        failed = text.notna() & values.isna()
        if "0" in column.missing and column.data_type in ("double", "integer", "bigint"):
            values = values.mask(values == 0)
        typed[column.name] = values
        if column.data_type == "char(16)":
            lost = lost.mask(failed, lost + f"{column.name} ")
        else:
            unreadable = unreadable.mask(failed, unreadable + f"{column.name} ")
    return typed.assign(_unreadable=unreadable, _lost=lost)


def _date_order(cells: pd.DataFrame, dataset: Dataset) -> str:
    """Day or month first, for the whole file; refuse a file that has both, or dates that may be either."""
    first, second, seen = False, False, False
    for name in dataset.columns_of_type("date"):
        parts = cells[name].astype("string").str.strip(_BLANKS).str.extract(f"^{_DATE}$").dropna().astype(int)
        seen = seen or len(parts) > 0
        first = first or bool(((parts[0] > 12) & (parts[0] < 32) & (parts[1] <= 12)).any())
        second = second or bool(((parts[1] > 12) & (parts[1] < 32) & (parts[0] <= 12)).any())
    if (first and second) or (seen and not first and not second):
        raise Unreadable("dates with day and month in two orders, or in none")
    return "%m/%d/%Y" if second else "%d/%m/%Y"


def _values(text: pd.Series, column: Column, order: str) -> pd.Series:
    if column.data_type == "varchar":
        return text
    if column.data_type == "char(16)":
        digits = text.str.lstrip("'").str.replace(" ", "")
        digits = digits.where(digits.str.fullmatch(r"[0-9]{16}"))
        is_cut = digits.nunique() >= 20 and bool(digits.dropna().str.endswith("0").all())
        return digits.mask(pd.Series(is_cut, index=digits.index))
    if column.data_type == "date":
        return _dates(text, order)
    if column.data_type == "double":
        number = text.where(text.str.fullmatch(r"[-+]?[0-9]+(?:[.,][0-9]+)?"))
        return pd.to_numeric(number.str.replace(",", "."), errors="coerce")
    count = text.where(text.str.fullmatch(_COUNT)).str.replace(r"[.,]0{1,2}$", "", regex=True)
    return pd.to_numeric(count.str.replace(r"[^-0-9]", "", regex=True), errors="coerce")


def _dates(text: pd.Series, order: str) -> pd.Series:
    iso = text.where(text.str.fullmatch(r"[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}(?:[ T].*)?"))
    dates = pd.to_datetime(iso.str.extract(r"^([^ T]+)")[0].str.replace("/", "-"), format="%Y-%m-%d", errors="coerce")
    serial = pd.to_numeric(text.where(text.str.fullmatch(r"[1-6][0-9]{4}(?:[.,][0-9]+)?")).str[:5], errors="coerce")
    dates = dates.fillna(pd.to_datetime("1899-12-30") + pd.to_timedelta(serial, unit="D"))
    written = text.where(text.str.fullmatch(_DATE)).str.extract(r"^([^ T]+)")[0]
    written = written.str.replace(re.compile("[-.]"), "/", regex=True)
    return dates.fillna(pd.to_datetime(written, format=order, errors="coerce"))
