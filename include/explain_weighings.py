"""Walks a number of the roll-ups (stunting_by_*) back to the children and the rows of weighings that made it.

Both the number and the walk come from the same intermediate models; whoever reads the walk may count its rows.
"""

import duckdb

WEIGHINGS = "dinkes/penimbangan"
# mart: the column of its areas, and of their names
AREAS = {
    "stunting_by_desa": ("desa_code", "desa_name"),
    "stunting_by_kecamatan": ("kecamatan_code", "kecamatan_name"),
    "stunting_by_puskesmas": ("puskesmas_code", "puskesmas_name"),
    "stunting_by_kabupaten": ("kabupaten_code", "kabupaten_name"),
}
# column: which children of the month it counts, by which score
COUNTS = {
    "due": ("true", None),
    "measured": ("month.child_id is not null", "any"),
    "height_valid": ("month.haz is not null", "haz"),
    "stunted": ("month.is_stunted", "haz"),
    "severely_stunted": ("month.is_severely_stunted", "haz"),
    "weight_valid": ("month.waz is not null", "waz"),
    "underweight": ("month.is_underweight", "waz"),
    "weight_height_valid": ("month.whz is not null", "whz"),
    "wasted": ("month.is_wasted", "whz"),
    "severely_wasted": ("month.is_severely_wasted", "whz"),
    "flagged": ("month.is_flagged", "flagged"),
}
# column: numerator and denominator
SHARES = {
    "coverage_pct": ("measured", "due"),
    "stunted_pct": ("stunted", "height_valid"),
    "severely_stunted_pct": ("severely_stunted", "height_valid"),
    "underweight_pct": ("underweight", "weight_valid"),
    "wasted_pct": ("wasted", "weight_height_valid"),
}
COLUMNS = (*COUNTS, *SHARES)

# What became of a row that staging never saw.
FATES = """case
    when status = 'quarantined' and faults is not null then 'quarantined, ' || faults
    when status = 'quarantined' then 'the whole delivery is held'
    when status = 'superseded' then 'superseded by a later row of the same key'
    when status = 'duplicate' then 'equal to an accepted row of the same key'
end"""

# A row that has such a score tells the child's month; oedema tells weight without one (int_child_months_measured).
_TELLS = {
    "any": "true",
    "haz": "scored.haz is not null and not scored.is_haz_flagged",
    "waz": "(coalesce(own.has_oedema, false) or scored.waz is not null and not scored.is_waz_flagged)",
    "whz": "(coalesce(own.has_oedema, false) or scored.whz is not null and not scored.is_whz_flagged)",
    "flagged": "(scored.is_haz_flagged or scored.is_waz_flagged or scored.is_whz_flagged or scored.is_baz_flagged)",
}
_SILENT = {
    "haz": "case when scored.is_haz_flagged then 'height-for-age is implausible (flagged)' else 'no height' end",
    "waz": "case when scored.is_waz_flagged then 'weight-for-age is implausible (flagged)' else 'no weight' end",
    "whz": "case when scored.is_whz_flagged then 'weight-for-height is implausible (flagged)' else 'weight or height is missing' end",
    "flagged": "'no score is flagged'",
    "any": "''",
}
_NO = {
    "stunted": "counted in height_valid, not below -2",
    "severely_stunted": "counted in height_valid, not below -3",
    "underweight": "counted in weight_valid, not below -2",
    "wasted": "counted in weight_height_valid, not below -2",
    "severely_wasted": "counted in weight_height_valid, not below -3",
}


def walk_weighings(con: duckdb.DuckDBPyConnection, tier: str, area: str, month: str, column: str) -> None:
    """Fill the temporary table `walked` for a number of a roll-up.

    `tier` is desa_code, kecamatan_code, puskesmas_code, served_by (the puskesmas of the desa) or kabupaten_code; `month`
    its first day as ISO text. `walked` has one row per row of a delivery: delivery_id, delivery_row, subject (whom it
    is about), amount (what it adds), counts, why (why not). The number is the sum of amount over the subjects.
    """
    column = SHARES.get(column, (column,))[0]
    predicate, score = COUNTS[column]
    values = {"area": area, "month": month}
    con.execute(_DUE.format(here=_here("due", tier)), values)
    if score is None:
        con.execute(_REGISTERED)
    else:
        con.execute(
            _WEIGHED.format(
                here=_here("written", tier),
                fates=FATES,
                predicate=predicate,
                tells=_TELLS[score],
                silent=_SILENT[score],
                no=_NO.get(column, ""),
            ),
            values,
        )


def _here(relation: str, tier: str) -> str:
    return "$area is not null" if tier == "kabupaten_code" else f"{relation}.{tier} = $area"


# each child due in the month, once, with the place that counts it (int_area_months_counted)
_DUE = """
create or replace temp table due_children as
with due as (
    select
        child_months.child_id,
        child_months.month,
        coalesce(child_months.desa_code, 'unknown') as desa_code,
        coalesce(desa.kecamatan_code, 'unknown') as kecamatan_code,
        coalesce(child_months.puskesmas_code, 'unknown') as puskesmas_code,
        coalesce(served.puskesmas_code, 'unknown') as served_by,
        desa.desa_name
    from intermediate.int_child_months as child_months
    left join seeds.ref_desa as desa on child_months.desa_code = desa.desa_code
    left join seeds.ref_puskesmas_desa as served on child_months.desa_code = served.desa_code
    where child_months.month = $month::date
)
select *, {here} as is_here from due
"""

# the newest row of each agency that names a child: a child is due because a list knows it
_REGISTERED = """
create or replace temp table walked as
select
    persons.delivery_id,
    persons.delivery_row,
    links.child_id as subject,
    1 as amount,
    row_number() over newest_first = 1 as counts,
    case when row_number() over newest_first > 1 then 'an older row of the same child and agency' end as why
from intermediate.int_persons as persons
inner join intermediate.int_child_links as links using (agency, identity_key)
inner join due_children as due using (child_id)
where due.is_here
window newest_first as (
    partition by links.child_id, persons.agency
    order by persons.as_of desc, persons.received_at desc, persons.delivery_row desc
)
"""

_WEIGHED = """
create or replace temp table walked as
with
    -- every row sent for the month or dated in it, with the place that it names itself
    written as (
        select
            sent._delivery_id as delivery_id,
            sent._row as delivery_row,
            sent._status as status,
            date_trunc('month', sent.measured_on) = $month::date as is_dated_so,
            coalesce(names.desa_code, 'unknown') as desa_code,
            coalesce(names.kecamatan_code, 'unknown') as kecamatan_code,
            coalesce(puskesmas.puskesmas_code, 'unknown') as puskesmas_code,
            coalesce(served.puskesmas_code, 'unknown') as served_by
        from dinkes.penimbangan as sent
        left join intermediate.int_desa_names as names using (kecamatan_name, desa_name)
        left join intermediate.int_puskesmas_names as puskesmas using (puskesmas_name)
        left join seeds.ref_puskesmas_desa as served on names.desa_code = served.desa_code
        where sent._period = strftime($month::date, '%Y-%m') or is_dated_so
    ),
    faults as (
        select delivery_id, delivery_row, string_agg(column_name || ': ' || reason, '; ' order by column_name, reason) as faults
        from audit.quarantine
        where severity = 'error'
        group by all
    ),
    told as (
        select
            written.*,
            linked.child_id,
            due.is_here,
            due.desa_name,
            linked.age_days,
            linked.is_same_day_duplicate,
            own.measurement_id,
            own.weight_kg is null and own.height_cm is null as is_empty,
            {tells} as tells,
            {silent} as silence,
            {predicate} as holds,
            faults.faults,
            deliveries.status as delivery_status,
            row_number() over (
                partition by linked.child_id, written.is_dated_so, tells and own.measurement_id is not null and not is_empty
                order by own.measured_on desc
            ) as place
        from written
        inner join audit.deliveries as deliveries using (delivery_id)
        left join faults using (delivery_id, delivery_row)
        left join intermediate.int_measurements_linked as linked using (delivery_id, delivery_row)
        left join intermediate.int_measurements as own using (delivery_id, delivery_row)
        left join intermediate.int_measurements_scored as scored using (measurement_id)
        left join due_children as due on linked.child_id = due.child_id
        left join intermediate.int_child_months_measured as month
            on due.child_id = month.child_id and month.month = $month::date
        where due.is_here or (due.child_id is null or not due.is_here) and {here}
    ),
    judged as (
        select
            delivery_id,
            delivery_row,
            child_id as subject,
            case
                when status <> 'accepted' then {fates}
                when not is_dated_so then 'dated in another month, counts there'
                when is_here is null then 'the child is not due: five years old, gone, or not born yet'
                when not is_here then 'the child lives in ' || coalesce(desa_name, 'an unknown desa') || ', counts there'
                when age_days < 0 then 'dated before the birth'
                when is_same_day_duplicate then 'a later row of the same child and day counts'
                when is_empty then 'neither weighed nor measured'
                when not coalesce(tells, false) then silence
                when place > 1 then 'a later weighing of the month counts'
                when not coalesce(holds, false) then '{no}'
            end as why
        from told
    )
select *, 1 as amount, why is null as counts from judged
"""
