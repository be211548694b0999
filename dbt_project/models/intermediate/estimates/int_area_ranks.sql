-- Which ranks the intervals allow, 1 the highest prevalence: an area stands behind
-- those alone whose whole interval lies above its own, and before those alone whose
-- interval lies below. Areas with overlapping intervals share ranks, and no order
-- is claimed.
with
    areas as (
        select * from {{ ref("int_area_estimates_classed") }} where is_measured_enough
    ),

    compared as (
        select
            own.area_level,
            own.area_code,
            own.month,
            count(*) as areas_ranked,
            count(*) filter (where other.low_pct > own.high_pct) as areas_above,
            count(*) filter (where other.high_pct < own.low_pct) as areas_below
        from areas as own
        inner join
            areas as other
            on own.area_level = other.area_level
            and own.month = other.month
        group by own.area_level, own.area_code, own.month
    )

select
    area_level,
    area_code,
    month,
    areas_ranked,
    areas_above + 1 as rank_low,
    areas_ranked - areas_below as rank_high
from compared
