-- Beside the single figures of risk_quality: how many children have so many points, how
-- many of them are cases, and how many the window before lets expect.
with
    ranked as (
        select * from {{ ref("int_risk_points_ranked") }} where group_kind = 'all'
    ),

    dated as (select * from {{ ref("int_months_dated") }}),

    described as (
        select
            design,
            score,
            score_month,
            outcome_month,
            points,
            children,
            cases,
            100.0 * cases / children as observed_pct,
            100.0 * expected_share as expected_pct,
            100.0
            * (children_above + children)
            / all_children as children_from_here_pct,
            100.0 * (cases_above + cases) / nullif(all_cases, 0) as cases_from_here_pct,
            dated.oldest_input_as_of
        from ranked
        left join dated on ranked.score_month = dated.month
    )

select *
from described
