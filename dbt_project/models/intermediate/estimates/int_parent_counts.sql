-- What the areas of a parent say together of its level, for each number of children
-- that an area may borrow. Their exact likelihood is beta-binomial; its height, slope
-- and curvature a step around the first look give one Newton step to its top, and the
-- binomial counts (heights_counted, stunted_counted) whose likelihood has the same top.
-- With counts the level above is again a beta-binomial.
with
    heights as (select * from {{ ref("int_area_heights") }}),

    starts as (select * from {{ ref("int_parent_starts") }}),

    sides as (
        select generated_number - 2 as side
        from ({{ dbt.generate_series(3) }}) as series
    ),

    priors as (
        select
            starts.*,
            sides.side,
            area_borrows / (1 + exp(- start_log_odds - side * step)) as a,
            area_borrows / (1 + exp(start_log_odds + side * step)) as b
        from starts
        cross join sides
    ),

    likely as (
        select
            priors.area_level,
            priors.parent_code,
            priors.month,
            priors.area_borrows,
            priors.side,
            priors.start_share,
            priors.step,
            {{
                exact_sum(
                    ln_beta("a + stunted", "b + height_valid - stunted")
                    ~ " - "
                    ~ ln_beta("a", "b")
                )
            }} as ln_likelihood
        from priors
        inner join heights using (area_level, parent_code, month)
        group by 1, 2, 3, 4, 5, 6, 7
    ),

    shaped as (
        select
            area_level,
            parent_code,
            month,
            area_borrows,
            start_share,
            max(case when side = 0 then ln_likelihood end) as height,
            {{ exact_sum("side * ln_likelihood") }} / (2 * max(step)) as slope,
            {{ exact_sum("case when side = 0 then -2 else 1 end * ln_likelihood") }}
            / (max(step) * max(step)) as curvature
        from likely
        group by area_level, parent_code, month, area_borrows, start_share
    ),

    -- without a single height there is neither slope nor curvature, up to rounding
    counted as (
        select
            *,
            greatest(
                - curvature / (start_share * (1 - start_share)), 0
            ) as heights_counted
        from shaped
    ),

    bounded as (
        select
            *,
            least(
                greatest(slope + heights_counted * start_share, 0), heights_counted
            ) as stunted_counted
        from counted
    )

select
    area_level,
    parent_code,
    month,
    area_borrows,
    heights_counted,
    stunted_counted,
    -- what the binomial likelihood of these counts lacks of the exact one
    height
    - stunted_counted * ln(start_share)
    - (heights_counted - stunted_counted) * ln(1 - start_share) as ln_constant
from bounded
