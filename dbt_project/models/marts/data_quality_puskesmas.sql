-- Coverage, completeness, duplicates, digit preference and the spread of z-scores: the
-- usual frame for judging e-PPGBM.
with
    rows_of_puskesmas as (select * from {{ ref("int_puskesmas_rows_counted") }}),

    scores_of_puskesmas as (select * from {{ ref("int_puskesmas_scores_counted") }}),

    coverage as (select * from {{ ref("stunting_by_puskesmas") }}),

    joined as (
        select
            coverage.puskesmas_code,
            coverage.puskesmas_name,
            coverage.month,
            coverage.due,
            coverage.measured,
            coverage.coverage_pct,
            coalesce(rows_of_puskesmas.rows_accepted, 0) as rows_accepted,
            coalesce(rows_of_puskesmas.same_day_duplicates, 0) as same_day_duplicates,
            coalesce(rows_of_puskesmas.rows_before_birth, 0) as rows_before_birth,
            rows_of_puskesmas.nik_missing_pct,
            rows_of_puskesmas.nik_lost_pct,
            rows_of_puskesmas.position_unknown_pct,
            rows_of_puskesmas.position_unexpected_pct,
            rows_of_puskesmas.heights,
            rows_of_puskesmas.whole_cm_pct,
            scores_of_puskesmas.haz_sd,
            scores_of_puskesmas.flagged_pct,
            scores_of_puskesmas.implausible_shrinks
        from coverage
        left join rows_of_puskesmas using (puskesmas_code, month)
        left join scores_of_puskesmas using (puskesmas_code, month)
    )

select *
from joined
