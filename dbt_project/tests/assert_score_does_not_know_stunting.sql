-- Tripwire: published scores from such factors reach an AUC of 0.62 to 0.68. Above 0.75
-- the score has seen the height it is to foretell. AUC by ranks with ties counted half,
-- over all child-months with a valid height of that month.
with
    outcomes as (
        select risk_points, is_stunted
        from {{ ref("stunting_risk") }}
        where is_stunted is not null
    ),

    by_points as (
        select
            risk_points,
            count(*) filter (where is_stunted) as stunted,
            count(*) filter (where not is_stunted) as others
        from outcomes
        group by risk_points
    ),

    ranked as (
        select
            stunted,
            others,
            sum(others) over (order by risk_points nulls last) - others as others_below
        from by_points
    ),

    measured as (
        select
            sum(stunted * (others_below + others / 2.0))
            / nullif(sum(stunted) * sum(others), 0) as auc
        from ranked
    )

select auc
from measured
where auc >= 0.75
