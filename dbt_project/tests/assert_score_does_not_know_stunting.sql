-- Tripwire: published scores from such factors reach an AUC of 0.62 to 0.68. At the
-- limit of ref_risk_validation or above the score has seen the height it is to
-- foretell. Each score is tried three times: over all child-months with a valid height
-- of that month, by ranks with ties counted half; in the windows of risk_quality, time
-- split and not; and in each group of children there, by the lower end of its interval,
-- as a leak may sit in one kecamatan's feed alone.
with
    children as (
        select 'risk_points' as score, risk_points as points, is_stunted
        from {{ ref("stunting_risk") }}
        where is_stunted is not null
        union all
        select 'family_points' as score, family_points as points, is_stunted
        from {{ ref("stunting_risk") }}
        where is_stunted is not null
    ),

    by_points as (
        select
            score,
            points,
            count(*) filter (where is_stunted) as stunted,
            count(*) filter (where not is_stunted) as others
        from children
        group by score, points
    ),

    ranked as (
        select
            *,
            sum(others) over (partition by score order by points nulls last)
            - others as others_below
        from by_points
    ),

    measured as (
        select
            score,
            'all months' as design,
            'semua' as group_name,
            sum(stunted * (others_below + others / 2.0))
            / nullif(sum(stunted) * sum(others), 0) as auc
        from ranked
        group by score
        union all
        select
            score,
            design,
            group_name,
            case when group_kind = 'all' then auc else auc_low end as auc
        from {{ ref("risk_quality") }}
    )

select *
from measured
where auc >= {{ risk_validation("max_auc") }}
