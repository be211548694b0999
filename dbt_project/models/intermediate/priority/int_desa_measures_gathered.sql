-- What the criteria of ref_priority_criteria look at, in long form, with its interval
-- and date. A count of all has no interval: low and high are the value. What is not
-- known has no row.
with
    counted as (select * from {{ ref("int_desa_children_counted") }}),

    contexts as (select * from {{ ref("int_desa_contexts") }}),

    food as (select * from {{ ref("int_desa_food_security") }}),

    shares as (
        select
            *,
            cast(stunted as double) / nullif(height_valid, 0) as share,
            avg(case when height_valid > 0 then stunted end) over () as usual_stunted
        from counted
    ),

    -- Wilson's interval of the month's own children, until area_estimates is there
    estimated as (
        select
            *,
            100.0 * (
                (stunted + 1.92)
                - 1.96 * sqrt(height_valid * share * (1 - share) + 0.96)
            )
            / (height_valid + 3.84) as low_pct,
            100.0 * (
                (stunted + 1.92)
                + 1.96 * sqrt(height_valid * share * (1 - share) + 0.96)
            )
            / (height_valid + 3.84) as high_pct
        from shares
    ),

    exact as (
        select
            desa_code,
            'stunted_ratio' as measure,
            case
                when height_valid > 0 then stunted / nullif(usual_stunted, 0)
            end as value,
            oldest_input_as_of as as_of
        from estimated
        union all
        select
            desa_code,
            'not_measured_pct',
            100.0 * (due - measured) / due,
            oldest_input_as_of
        from counted
        union all
        select
            desa_code,
            'high_risk_pct',
            100.0 * high_risk / nullif(scored, 0),
            welfare_as_of
        from counted
        union all
        select
            contexts.desa_code,
            'open_defecation_pct',
            contexts.open_defecation_pct,
            contexts.open_defecation_as_of
        from contexts
        inner join counted using (desa_code, month)
        union all
        select
            contexts.desa_code,
            'unimproved_water_pct',
            100 - contexts.improved_water_pct,
            contexts.improved_water_as_of
        from contexts
        inner join counted using (desa_code, month)
        union all
        select desa_code, 'food_class', food_class, as_of
        from food
    ),

    gathered as (
        select
            desa_code,
            'estimate_pct' as measure,
            100.0 * share as value,
            low_pct as low,
            high_pct as high,
            oldest_input_as_of as as_of
        from estimated
        where share is not null
        union all
        select desa_code, measure, value, value, value, as_of
        from exact
        where value is not null
    )

select *
from gathered
