-- The straight line through an area's figures up to each of them, by weighted least
-- squares: a figure counts by the inverse square of its error, which is known from
-- its interval. Where the figures lie farther from the line than that allows, all
-- errors are widened by the same factor (Birge 1932, Physical Review 40:207). Known
-- fault: months measure mostly the same children and a year has seasons, which the
-- line does not know.
with
    points as (
        select
            *,
            min(observed_on) over (partition by source, area_code) as first_observed_on
        from {{ ref("int_stunting_points") }}
    ),

    timed as (
        select
            *,
            {{ dbt.datediff("first_observed_on", "observed_on", "day") }}
            / 365.25e0 as years,
            -- a survey whose interval has no width says nothing of its error
            1 / nullif(error_points * error_points, 0) as weight
        from points
    ),

    summed as (
        select
            *,
            count(weight) over course as figures,
            first_value(observed_pct) over course as first_pct,
            sum(weight) over course as w,
            sum(weight * years) over course / sum(weight) over course as mean_years,
            sum(weight * observed_pct) over course
            / sum(weight) over course as mean_pct,
            sum(weight * years * years) over course as w_years_years,
            sum(weight * years * observed_pct) over course as w_years_pct,
            sum(weight * observed_pct * observed_pct) over course as w_pct_pct
        from timed
        window
            course as (
                partition by source, area_code
                order by observed_on
                rows unbounded preceding
            )
    ),

    centred as (
        select
            *,
            w_years_years - w * mean_years * mean_years as spread,
            w_years_pct - w * mean_years * mean_pct as together,
            w_pct_pct - w * mean_pct * mean_pct as spread_pct
        from summed
    ),

    -- a line through two figures has no error
    fitted as (
        select
            *,
            case when figures > 2 then together / spread end as speed_points,
            case
                when figures > 2
                then
                    sqrt(
                        greatest(
                            (spread_pct - together * together / spread) / (figures - 2),
                            1
                        )
                    )
            end as widening
        from centred
    )

select
    source,
    area_level,
    area_code,
    observed_on,
    observed_pct,
    low_pct,
    high_pct,
    figures,
    first_observed_on,
    first_pct,
    years,
    mean_years,
    mean_pct,
    speed_points,
    widening / sqrt(w) as mean_error,
    widening / sqrt(spread) as speed_error
from fitted
