"""Keeps a spreadsheet from taking an agency's cell for a formula. Every export that writes such cells calls `harmless`.

Workbooks write texts as texts, where `=1+1` is no formula; but a clerk may save one as CSV, and open that.
`reading.sql` takes the sign off again when a cell comes back.
"""

import re
import unicodedata

GUARD = "'"
_NUMBER = re.compile(r"[-+]?[0-9]+([.,][0-9]+)*(E[-+]?[0-9]+)?", re.IGNORECASE)


def harmless(cell: str) -> str:
    """Return the text with a `'` before it where a spreadsheet might compute it; a plain number stays as it is."""
    seen = cell
    if cell and (cell[0].isspace() or not cell[0].isprintable()):
        seen = cell.lstrip("".join(sign for sign in cell if sign.isspace() or not sign.isprintable()))
    if len(seen) < 2 or _NUMBER.fullmatch(cell):  # a lone - is how agencies write that nothing is known
        return cell
    is_formula = unicodedata.normalize("NFKC", seen[0])[0] in "=+-@"  # full-width signs too
    return GUARD + cell if is_formula or cell[0] in "\t\r\n" else cell
