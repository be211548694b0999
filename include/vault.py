"""Stand-in until the encrypted zone is merged: the passwords of the agencies' workbooks."""

import hashlib
import hmac

from include.keys import pseudonym_key

_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"


def password(agency: str) -> str:
    """Return the password of the workbooks of an agency."""
    number = int.from_bytes(hmac.new(pseudonym_key(), f"workbooks of {agency}".encode(), hashlib.sha256).digest())
    signs = []
    for _ in range(16):
        number, place = divmod(number, len(_SIGNS))
        signs.append(_SIGNS[place])
    return "-".join("".join(signs[at : at + 4]) for at in range(0, 16, 4))
