"""The invented regency as tables of a DuckDB file, the texts of the health register, and the truth on disk."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np

from include.synthetic.faults import FILE_FAULTS, NIK_KIND_NAMES, ROW_FAULT_NAMES
from include.synthetic.immunisations import DOSES
from include.synthetic.names import MOTHER_CALLED, NO_NAME, WORDS
from include.synthetic.places import misspelled_names
from include.synthetic.population import Columns, Regions


def texts(words: Sequence[str]) -> str:
    """A list of SQL texts."""
    return "[" + ", ".join("'" + word.replace("'", "''") + "'" for word in words) + "]"


REGISTER = f"""
create table register as
with mother_and_father as (
    select
        e.entry,
        e.child,
        e.nik,
        e.name_kind,
        e.named_from_days,
        e.spelled,
        {texts(MOTHER_CALLED)}[e.caller + 1] || ' ' || e.mother_name as as_newborn,
        {texts(NO_NAME)}[e.caller + 1] as as_nameless,
        e.mother_name as mother,
        e.father_name as father,
        case
            when e.father_name is null or e.parents_form < 40 then 3
            when e.parents_form < 70 then 2
            when e.parents_form < 100 then 1
            when e.parents_form < 130 then 0
            else d.puskesmas % 3
        end as parents_form,
        e.filler,
        case d.puskesmas % 3 when 0 then 'upper' when 1 then 'title' else if(e.parents_form % 2 = 0, 'lower', 'upper') end as style,
        date '1970-01-01' + e.born_on as born_on,
        e.is_male,
        e.birth_weight_kg,
        e.birth_length_cm,
        c.gestation_weeks,
        if(e.has_no_kk, e.no_kk::varchar, null) as no_kk,
        if(e.has_parent_nik, e.parent_nik::varchar, null) as parent_nik,
        if(e.uses_alias, coalesce(d.alias, d.desa_name), d.desa_name) as desa_name,
        d.kecamatan_name,
        p.puskesmas_name,
        {texts(WORDS["posyandu"])}[c.posyandu % 5 + 1] || ' ' || (c.posyandu % 3 + 1) as posyandu_name,
        lpad(fam.rt::varchar, 3, '0') as rt,
        lpad(fam.rw::varchar, 3, '0') as rw,
        'Kp. ' || {texts(WORDS["kampung"])}[fam.kampung + 1] as address
    from entry as e
    inner join child as c on e.child = c.child
    inner join family as fam on c.family = fam.family
    inner join desa as d on fam.desa = d.desa
    inner join puskesmas as p on d.puskesmas = p.puskesmas
),
spelled as (
    select
        *,
        if(name_kind = 1, as_nameless, spelled) as name,
        if(name_kind = 2, as_newborn, if(name_kind = 1, as_nameless, spelled)) as early_name,
        case
            when filler = 1 then '-'
            when filler = 2 then 'ADA'
            when filler = 3 then 'TIDAK'
            when filler = 4 then ''
            when parents_form = 0 then father || ' / ' || mother
            when parents_form = 1 then mother || ' / ' || father
            when parents_form = 2 then father || ', ' || mother
            else mother
        end as parents
    from mother_and_father
)
select
    entry,
    child,
    nik,
    named_from_days,
    case style when 'upper' then upper(name) when 'lower' then lower(name) else name end as name,
    case style when 'upper' then upper(early_name) when 'lower' then lower(early_name) else early_name end as early_name,
    case style when 'upper' then upper(parents) when 'lower' then lower(parents) else parents end as parents,
    born_on,
    is_male,
    birth_weight_kg,
    birth_length_cm,
    gestation_weeks,
    no_kk,
    parent_nik,
    desa_name,
    kecamatan_name,
    puskesmas_name,
    posyandu_name,
    rt,
    rw,
    address
from spelled
order by entry
"""

_DOSE_DAYS = ", ".join(
    f"date '1970-01-01' + nullif({dose}_{day}, 0) as {dose}_{day}" for dose in DOSES for day in ("on", "entered_on")
)
# the rows that a fault of the whole file would hit; whether the file has it stands in files.csv
_HIT_BY = ", ".join(f"{rows} as is_hit_by_{fault}" for fault, rows in FILE_FAULTS.items())
TRUTH = {
    "puskesmas_habits": "select p.puskesmas_name, h.* from habit as h inner join puskesmas as p on h.puskesmas = p.puskesmas"
    " order by h.puskesmas",
    "families": "select * from family order by family",
    "persons": "select * replace (date '1970-01-01' + born_on as born_on,"
    " date '1970-01-01' + dtsen_born_on as dtsen_born_on) from person order by person",
    "children": "select * replace (date '1970-01-01' + born_on as born_on, date '1970-01-01' + capil_on as capil_on)"
    " from child order by child",
    "growth": "select child, month, date '1970-01-01' + day as day, age_days, haz, height_cm, whz, weight_kg, waz,"
    " haz < -2 as is_stunted, haz < -3 as is_severely_stunted from growth order by child, month",
    "register_entries": f"select e.* replace (date '1970-01-01' + e.born_on as born_on,"
    f" {texts(NIK_KIND_NAMES)}[e.nik_kind + 1] as nik_kind), r.name, r.early_name, r.parents, r.desa_name"
    " from entry as e inner join register as r on e.entry = r.entry order by e.entry",
    "penimbangan_rows": "select file_no, row_no, entry, child, month, date '1970-01-01' + day as day, age_days, haz,"
    f" height_cm, weight_kg, typed_height_cm, typed_weight_kg, is_mismatched, is_truncated,"
    f" {texts(ROW_FAULT_NAMES)}[row_fault + 1] as row_fault, {_HIT_BY} from weighing as w order by file_no, row_no",
    "pregnancies": "select * replace (date '1970-01-01' + lmp_on as lmp_on, date '1970-01-01' + ends_on as ends_on,"
    " nullif(child, -1) as child) from pregnancy order by pregnancy",
    "immunisations": f"select child, {_DOSE_DAYS} from immunisation order by child",
    "krs_families": "select r.*, k.family_code from at_risk as r inner join family_code as k on r.family = k.family"
    " order by r.round",
}


def store(file: Path, tables: dict[str, Columns], regions: Regions) -> None:
    """Write the tables to a new DuckDB file and add the texts of the health register."""
    aliases = np.array([regions.aliases.get(code) for code in regions.desa["desa_code"]], object)
    desa = {**regions.desa, "alias": aliases, "misspelt": misspelled_names(regions)}
    regency = {"code": np.array([regions.code], object), "name": np.array([regions.name], object)}
    everything = {"regency": regency, "desa": desa, "puskesmas": regions.puskesmas, **tables}
    with duckdb.connect(str(file)) as connection:
        connection.execute("set enable_progress_bar = false")
        for name, columns in everything.items():
            connection.register("columns", columns)
            connection.execute(f"create table {name} as select * from columns")
            connection.unregister("columns")
        # a column of nothing but None has no type of its own
        connection.execute("alter table desa alter alias type varchar")
        connection.execute(
            "create table head as select family, arg_min(name, relation) as name, arg_min(nik, relation) as nik"
            " from person group by family"
        )
        connection.execute(REGISTER)


def write_truth(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    """Write one table of the truth as parquet."""
    connection.execute(f"copy ({query}) to '{file}' (format parquet)")
