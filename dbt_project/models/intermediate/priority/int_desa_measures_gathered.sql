-- What the criteria of ref_priority_criteria look at, in long form, with its interval
-- and date. A count of all has no interval: low and high are the value. Of the
-- households with all services and of the children at high risk the interval is what is
-- unknown. What is not known has no row.
with
    counted as (select * from {{ ref("int_desa_children_counted") }}),

    estimates as (
        select * from {{ ref("int_area_estimates_classed") }} where area_level = 'desa'
    ),

    contexts as (select * from {{ ref("int_desa_contexts") }}),

    families as (select * from {{ ref("int_desa_families_counted") }}),

    food as (select * from {{ ref("int_desa_food_security") }}),

    ratios as (
        select
            *, avg(case when height_valid > 0 then stunted end) over () as usual_stunted
        from counted
    ),

    exact as (
        select
            desa_code,
            'stunted_ratio' as measure,
            case
                when height_valid > 0 then stunted / nullif(usual_stunted, 0)
            end as value,
            oldest_input_as_of as as_of
        from ratios
        union all
        select
            desa_code,
            'not_measured_pct',
            100.0 * (due - measured) / due,
            oldest_input_as_of
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
        union all
        select desa_code, 'krs_pct', krs_pct, krs_as_of
        from families
    ),

    gathered as (
        select
            estimates.area_code as desa_code,
            'estimate_pct' as measure,
            estimates.estimate_pct as value,
            estimates.low_pct as low,
            estimates.high_pct as high,
            counted.oldest_input_as_of as as_of
        from estimates
        inner join
            counted
            on estimates.area_code = counted.desa_code
            and estimates.month = counted.month
        union all
        select
            desa_code,
            'converged_pct',
            converged_low_pct,
            converged_low_pct,
            converged_high_pct,
            converged_as_of
        from families
        union all
        select
            desa_code,
            'high_risk_pct',
            100.0 * high_risk / due,
            100.0 * high_risk / due,
            100.0 * perhaps_high_risk / due,
            welfare_as_of
        from counted
        union all
        select desa_code, measure, value, value, value, as_of
        from exact
    )

select *
from gathered
where value is not null
