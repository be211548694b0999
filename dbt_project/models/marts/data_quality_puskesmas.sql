-- Coverage, completeness, duplicates, digit preference, age heaping and the spread of
-- z-scores: the usual frame for judging e-PPGBM. A row of weighing counts for the
-- puskesmas written in it.
with
    coverage as (
        select puskesmas_code, month, due, measured, coverage_pct
        from {{ ref("stunting_by_puskesmas") }}
    ),

    weighings as (select * from {{ ref("int_area_weighings_counted") }}),

    scores as (select * from {{ ref("int_area_scores_counted") }}),

    months as (select * from {{ ref("int_months_dated") }}),

    puskesmas as (select * from {{ ref("ref_puskesmas") }}),

    judged as (
        select
            puskesmas_code,
            month,
            coalesce(coverage.due, 0) as due,
            coalesce(coverage.measured, 0) as measured,
            coverage.coverage_pct,
            {{ quality_columns() }},
            months.oldest_input_as_of
        from coverage
        -- a name that no list knows weighs children who are due elsewhere
        full outer join weighings using (puskesmas_code, month)
        left join scores using (puskesmas_code, month, desa_code, posyandu_name)
        -- a date typed into another year makes no month of its own
        inner join months using (month)
        group by all
    ),

    named as (
        select
            judged.puskesmas_code,
            coalesce(puskesmas.puskesmas_name, 'tidak diketahui') as puskesmas_name,
            judged.* {{ without("puskesmas_code") }}
        from judged
        left join puskesmas on judged.puskesmas_code = puskesmas.puskesmas_code
    )

select *
from named
