-- Children and cases by points, for each score and group of children: all that the
-- quality of a score is worked out from.
with
    outcomes as (select * from {{ ref("int_risk_outcomes") }}),

    scored as (
        select *, 'risk_points' as score, risk_points as points
        from outcomes
        union all
        select *, 'family_points' as score, family_points as points
        from outcomes
    ),

    grouped as (
        select *, 'all' as group_kind, 'semua' as group_name
        from scored
        union all
        select *, 'sex', sex
        from scored
        union all
        select *, 'age', age_group
        from scored
        union all
        select *, 'welfare', welfare_group
        from scored
        union all
        select *, 'kecamatan', kecamatan_name
        from scored
    ),

    counted as (
        select
            design,
            period,
            score_month,
            outcome_month,
            score,
            group_kind,
            group_name,
            points,
            count(*) as children,
            count(*) filter (where is_case) as cases,
            count(*) filter (where not is_case) as others,
            {{ exact_sum("completeness") }} as completeness
        from grouped
        group by all
    )

select *
from counted
