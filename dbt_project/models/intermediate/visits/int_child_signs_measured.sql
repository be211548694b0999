-- What the signs of ref_signs look at, in long form, each with its age in months.
-- What is not known has no row, so that no sign can rest on it.
with
    children as (select * from {{ ref("int_children_listed") }}),

    factors as (select * from {{ ref("int_child_risk_factors") }}),

    scores as (select * from {{ ref("int_risk_profile_scores") }}),

    aged as (
        select
            *,
            {{ dbt.datediff("height_month", "month", "month") }} as height_months,
            {{ dbt.datediff("weight_month", "month", "month") }} as weight_months,
            {{ dbt.datediff("weight_height_month", "month", "month") }}
            as weight_height_months,
            {{ dbt.datediff("gain_month", "month", "month") }} as gain_months
        from children
    ),

    bands as (
        select aged.child_id, scores.risk_band
        from aged
        inner join
            factors on aged.child_id = factors.child_id and aged.month = factors.month
        inner join scores on factors.risk_profile = scores.risk_profile
    ),

    measured as (
        select child_id, 'haz' as measure, haz as value, height_months as months_old
        from aged
        union all
        select child_id, 'waz', waz, weight_months
        from aged
        union all
        select child_id, 'whz', whz, weight_height_months
        from aged
        union all
        select child_id, 'gain_failures', gain_failures, gain_months
        from aged
        union all
        select
            child_id,
            'height_faltering',
            case when is_faltering then 1 when not is_faltering then 0 end,
            height_months
        from aged
        union all
        select child_id, 'months_without_height', height_months, 0
        from aged
        union all
        select child_id, 'months_never_height', age_months, 0
        from aged
        where seen_month is not null and height_month is null
        union all
        select child_id, 'months_never_measured', age_months, 0
        from aged
        where seen_month is null
        union all
        select child_id, 'high_risk', case when risk_band = 'high' then 1 else 0 end, 0
        from bands
        where risk_band <> 'unknown'
    ),

    known as (
        select
            child_id,
            measure,
            cast(value as double) as value,
            cast(months_old as integer) as months_old
        from measured
        where value is not null
    )

select *
from known
