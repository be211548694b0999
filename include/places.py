"""The kecamatan and desa there are, as SQL over the seeds' files, and what an unknown name or code may have meant.

A place is compared as dbt's models compare it: `place_key` is their macro, read here and not written again.
"""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment

from include import settings
from include.warehouse import literal

NAMES = settings.DBT_PROJECT / "macros" / "names.sql"
DIALECT = settings.DBT_PROJECT / "macros" / "dialect.sql"
LIKE = 0.75  # of Jaro-Winkler: less alike is no proposal
PROPOSALS = 3


def seed_file(name: str) -> Path:
    """Return the file of a seed, one of all regencies or this one's own."""
    [path] = [path for folder in (settings.SEEDS, settings.REGENCY_SEEDS) for path in folder.rglob(f"{name}.csv")]
    return path


def seed(name: str) -> str:
    """Return SQL that reads a seed's file: the first night has no seed table yet when its gate runs."""
    return f"read_csv({literal(str(seed_file(name)))}, all_varchar = true)"


def place_files() -> list[Path]:
    """Return the files on which an answer about a place rests."""
    return [NAMES, *map(seed_file, ("ref_kecamatan", "ref_desa", "ref_desa_aliases"))]


def place_key(column: str) -> str:
    """Return SQL of a place's name as it is compared; empty when it has no letter, null when missing."""
    return f"case when {column} is not null then coalesce({_macros().place_key(column)}, '') end"


def is_unknown_desa(kecamatan: str, desa: str, table: str) -> str:
    """Return SQL that is true when no list has this desa in this kecamatan, never when one of the two is missing.

    A million rows name a few hundred places: each is compared once.
    """
    return f"""({kecamatan}, {desa}) in (
        select ({kecamatan}, {desa})
        from (select distinct {kecamatan}, {desa} from {table})
        where {place_key(kecamatan)} || '/' || {place_key(desa)} not in
            (select kecamatan_key || '/' || desa_key from ({_spellings()}))
    )"""


def is_unknown_kecamatan(kecamatan: str) -> str:
    """Return SQL that is true when there is no kecamatan of this name."""
    return f"{place_key(kecamatan)} not in (select kecamatan_key from ({_kecamatan()}))"


def is_unknown_code(code: str) -> str:
    """Return SQL that is true when no desa has this Kemendagri code."""
    return f"{code} not in (select desa_code from {seed('ref_desa')})"


def meant_desa(kecamatan: str, desa: str) -> str:
    """Return SQL of what an unknown desa may be: the nearest in its kecamatan, or the kecamatan where its name is one."""
    elsewhere = f"""(
        select string_agg(distinct s.kecamatan_name, ', ' order by s.kecamatan_name)
        from ({_spellings()}) as s where s.desa_key = {place_key(desa)}
    )"""
    beside = (
        f"select desa_name as name, desa_key as key from ({_spellings()}) where kecamatan_key = {place_key(kecamatan)}"
    )
    return f"""case
        when {is_unknown_kecamatan(kecamatan)} then concat_ws('; ', 'kecamatan itu tidak dikenal', {meant_kecamatan(kecamatan)})
        when {elsewhere} is not null then 'desa bernama itu ada di kecamatan ' || {elsewhere}
        else {_nearest(desa, beside)}
    end"""


def meant_kecamatan(kecamatan: str) -> str:
    """Return SQL of the kecamatan nearest to an unknown name."""
    return _nearest(kecamatan, f"select kecamatan_name as name, kecamatan_key as key from ({_kecamatan()})")


def meant_code(code: str) -> str:
    """Return SQL of the Kemendagri code that a BPS code, or one without its points, stands for."""
    digits = f"regexp_replace({code}, '[^0-9]', '', 'g')"
    return f"""coalesce(
        (
            select 'kode BPS, bukan Kemendagri; kode Kemendagri desa itu ' || max(desa_code)
            from {seed("ref_desa")} where bps_code = {digits}
        ),
        (select 'tulis ' || max(desa_code) from {seed("ref_desa")} where replace(desa_code, '.', '') = {digits})
    )"""


def _nearest(written: str, places: str) -> str:
    """SQL of the few likest names; `places` has name and key, a name may have several keys."""
    return f"""(
        select 'mungkin: ' || array_to_string(list(name order by likeness desc, name)[:{PROPOSALS}], ', ')
        from (
            select name, max(jaro_winkler_similarity(key, {place_key(written)})) as likeness from ({places}) group by name
        )
        where likeness >= {LIKE}
    )"""


def _kecamatan() -> str:
    return f"select kecamatan_code, kecamatan_name, {place_key('kecamatan_name')} as kecamatan_key from {seed('ref_kecamatan')}"


def _spellings() -> str:
    """SQL of the ways of writing a desa: its names, the key of its kecamatan, and the key of one spelling."""
    return f"""
        select k.kecamatan_name, k.kecamatan_key, d.desa_name, w.desa_key
        from (
            select kecamatan_code, desa_code, {place_key("desa_name")} as desa_key from {seed("ref_desa")}
            union all
            select kecamatan_code, desa_code, {place_key("alias")} from {seed("ref_desa_aliases")}
        ) as w
        inner join {seed("ref_desa")} as d using (desa_code)
        inner join ({_kecamatan()}) as k on w.kecamatan_code = k.kecamatan_code
    """


@cache
def _macros() -> Any:
    """The macros of names.sql, rendered without dbt and for DuckDB."""
    environment = Environment(extensions=["jinja2.ext.do"], autoescape=False)
    dialect: Any = environment.from_string(DIALECT.read_text(encoding="utf-8")).module
    environment.globals["replace_every"] = dialect.default__replace_every
    return environment.from_string(NAMES.read_text(encoding="utf-8")).module
