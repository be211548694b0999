"""What a contract says for linkage: which column is a person's name, birth date, NIK ... and how far a feed is believed.

Linkage reads the roles and never an agency's column names, so a feed that gives no role would be joined to nothing.
"""

from collections import Counter
from typing import Any

from include.contract import Agency, Column, Persons
from include.contract_checks import ContractError, check_keys, check_word, text, truth, whole_number

ROLES = {
    "nik": "char(16)",
    "no_kk": "char(16)",
    "parent_nik": "char(16)",
    "name": "varchar",
    "born_on": "date",
    "sex": "varchar",
    "parent": "varchar",
    "kecamatan": "varchar",
    "desa": "varchar",
    "bps_desa": "varchar",
    "desa_code": "varchar",  # Kemendagri's, as in ref_desa
    "indicator": "varchar",  # its id in the seed indicators
    "agency": "varchar",  # an OPD, in the short name of ref_agencies
    "identity": "varchar",  # our own key of a way of writing a person, come back in a decision
}
SEVERAL = {"parent", "identity"}  # father and mother; the two sides of a pair
LINKABLE = ("nik", "no_kk", "name", "desa", "kecamatan", "bps_desa", "desa_code", "indicator", "identity")
PERSON = ("name", "born_on", "sex")


def read_link(found: Any, data_type: str, where: str) -> str:
    """Return the role of a column."""
    role = text(found, where)
    check_word(role, ROLES, where)
    if data_type != ROLES[role]:
        raise ContractError(f"{where}: {role} must be a {ROLES[role]}, not a {data_type}; change data_type or link.")
    return role


def read_persons(meta: dict[str, Any], columns: tuple[Column, ...], where: str) -> Persons | None:
    """Check the roles of a dataset together; return what its persons are worth, None when it is no person feed."""
    roles = Counter(column.link for column in columns if column.link)
    if twice := sorted(role for role in roles if roles[role] > 1 and role not in SEVERAL):
        raise ContractError(f"{where}, link: {', '.join(twice)} stands on several columns; leave it on one.")
    if "desa" in roles and "kecamatan" not in roles:
        raise ContractError(
            f"{where}, link: desa without kecamatan; names of desa recur, give a column link: kecamatan."
        )
    if not roles.keys() & set(LINKABLE):
        raise ContractError(
            f"{where}, link: nothing of it can be joined to a child, a family, a place or an indicator; "
            f"give a column one of link: {', '.join(LINKABLE)}."
        )
    absent = [role for role in PERSON if role not in roles]
    if absent and "persons" in meta:
        raise ContractError(f"{where}, persons: no column has link: {', '.join(absent)}; give it one or drop persons.")
    if absent:
        return None
    if "persons" not in meta:
        raise ContractError(
            f"{where}, persons is missing: it has link: {', '.join(PERSON)}, so it names persons; "
            "write persons: {authority: <1 is believed first>, one_row_each: <true or false>}."
        )
    return _persons(meta["persons"], f"{where}, persons")


def check_authorities(agencies: list[Agency]) -> None:
    """Two registers believed alike would leave open which of them says who someone is."""
    feeds: dict[int, str] = {}
    for dataset in (dataset for agency in agencies for dataset in agency.datasets):
        if dataset.persons is None:
            continue
        authority, where = dataset.persons.authority, f"_{dataset.agency}__sources.yml, table {dataset.name}"
        if authority in feeds:
            raise ContractError(f"{where}, persons: authority {authority} is {feeds[authority]}'s; give each its own.")
        feeds[authority] = dataset.table


def _persons(found: Any, where: str) -> Persons:
    check_keys(found, where, {"authority", "one_row_each"})
    return Persons(
        whole_number(found["authority"], f"{where}, authority"), truth(found["one_row_each"], f"{where}, one_row_each")
    )
