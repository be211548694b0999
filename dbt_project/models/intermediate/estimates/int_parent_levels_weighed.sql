-- How much is borrowed is not known, so no value is chosen: every pair of borrowings
-- counts by its evidence, and the level of a parent is the mixture of all. Before the
-- data each value of 1 / borrowing, the size of true differences, is as likely as
-- another (Tak, Kelly & Morris 2017); on the grid, whose steps are equal in the
-- logarithm, that weighs a value by 1 / borrowing.
with
    levels as (select * from {{ ref("int_parent_levels") }}),

    raised as (
        select *, ln_evidence - ln(area_borrows) - ln(parent_borrows) as ln_weight
        from levels
    ),

    -- the largest is taken off first, so that no power is out of range
    weighed as (
        select
            *,
            exp(
                ln_weight
                - max(ln_weight) over (partition by area_level, parent_code, month)
            ) as weight
        from raised
    ),

    mixed as (
        select
            area_level,
            parent_code,
            month,
            area_borrows,
            {{ exact_sum("weight") }} as weight,
            {{ exact_sum("weight * level_mean") }}
            / {{ exact_sum("weight") }} as level_mean,
            {{ exact_sum("weight * (level_variance + level_mean * level_mean)") }}
            / {{ exact_sum("weight") }} as level_square
        from weighed
        group by area_level, parent_code, month, area_borrows
    ),

    shared as (
        select
            *,
            weight
            / {{
                exact_sum(
                    "weight", "over (partition by area_level, parent_code, month)"
                )
            }} as share
        from mixed
    )

select
    area_level,
    parent_code,
    month,
    area_borrows,
    share as weight,
    level_mean,
    level_square - level_mean * level_mean as level_variance
from shared
-- less cannot be seen in any published digit
where share > 0.00001
