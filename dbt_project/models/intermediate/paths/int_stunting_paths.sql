-- Where the line leads: the figure at the end of the goal's year if it went on as it
-- has, the chance that it is then at or under the goal (the errors of level and
-- slope together, by the normal distribution), and the speed that the goal needs from
-- now on.
with
    speeds as (select * from {{ ref("int_stunting_speeds") }}),

    goals as (select * from {{ ref("ref_stunting_goals") }}),

    kabupaten as (select * from {{ ref("ref_kabupaten") }}),

    aimed as (
        select
            speeds.*,
            coalesce(own.target_pct, parent.target_pct) as target_pct,
            coalesce(own.target_year, parent.target_year) as target_year,
            coalesce(own.start_pct, parent.start_pct) as goal_start_pct,
            coalesce(own.is_verified, parent.is_verified) as is_target_verified,
            {{ estimate_rule("min_points") }} as min_points
        from speeds
        cross join kabupaten
        left join goals as own on speeds.area_code = own.area_code
        left join goals as parent on kabupaten.kabupaten_code = parent.area_code
    ),

    dated as (
        select
            *,
            {{ dbt.datediff("observed_on", "make_date(target_year, 12, 31)", "day") }}
            / 365.25e0 as years_left
        from aimed
    ),

    projected as (
        select
            *,
            mean_pct
            + speed_points * (years + years_left - mean_years) as projected_pct,
            sqrt(
                mean_error * mean_error
                + pow(speed_error * (years + years_left - mean_years), 2)
            ) as projected_error
        from dated
    ),

    judged as (
        select
            *,
            speed_points - 1.96 * speed_error as speed_low_points,
            speed_points + 1.96 * speed_error as speed_high_points,
            case
                when years_left > 0 then (target_pct - observed_pct) / years_left
            end as needed_speed_points,
            case
                when figures >= min_points and years_left > 0
                then (target_pct - projected_pct) / projected_error
            end as normal_score
        from projected
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
    speed_points,
    speed_low_points,
    speed_high_points,
    goal_start_pct,
    target_pct,
    target_year,
    is_target_verified,
    years_left,
    needed_speed_points,
    100 * {{ normal_below("normal_score") }} as chance_pct
from judged
