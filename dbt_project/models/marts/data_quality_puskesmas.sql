-- Coverage, completeness, duplicates, digit preference, age heaping and the spread of
-- z-scores: the usual frame for judging e-PPGBM. A row of weighing counts for the
-- puskesmas written in it.
with
    coverage as (
        select
            puskesmas_code,
            puskesmas_name,
            month,
            due,
            measured,
            coverage_pct,
            oldest_input_as_of
        from {{ ref("stunting_by_puskesmas") }}
    ),

    weighings as (select * from {{ ref("int_area_weighings_counted") }}),

    scores as (select * from {{ ref("int_area_scores_counted") }}),

    judged as (
        select
            puskesmas_code,
            coverage.puskesmas_name,
            month,
            coverage.due,
            coverage.measured,
            coverage.coverage_pct,
            {{ quality_columns() }},
            coverage.oldest_input_as_of
        from coverage
        left join weighings using (puskesmas_code, month)
        left join scores using (puskesmas_code, month, desa_code, posyandu_name)
        group by all
    )

select *
from judged
