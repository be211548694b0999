-- What is known of an area if it borrows so much: a beta distribution with the exact
-- mean and variance. Its own n heights count as n / (n + m), the level of its parent,
-- known with an error of its own, as m / (n + m).
with
    heights as (select * from {{ ref("int_area_heights") }}),

    levels as (select * from {{ ref("int_parent_levels_weighed") }}),

    blended as (
        select
            heights.area_level,
            heights.area_code,
            heights.month,
            levels.weight,
            height_valid / (height_valid + area_borrows) as own_weight,
            height_valid + area_borrows as children_counted,
            (stunted + area_borrows * level_mean)
            / (height_valid + area_borrows) as mean,
            pow(area_borrows / (height_valid + area_borrows), 2)
            * level_variance as borrowed_variance
        from heights
        inner join levels using (area_level, parent_code, month)
    ),

    spread as (
        select
            *,
            borrowed_variance
            + (mean * (1 - mean) - borrowed_variance)
            / (children_counted + 1) as variance
        from blended
    ),

    shaped as (
        select
            area_level,
            area_code,
            month,
            weight,
            own_weight,
            mean,
            variance,
            mean * (mean * (1 - mean) / variance - 1) as a,
            (1 - mean) * (mean * (1 - mean) / variance - 1) as b
        from spread
    )

select *, {{ ln_beta("a", "b") }} as ln_norm
from shaped
