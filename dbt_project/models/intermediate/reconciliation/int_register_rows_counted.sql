-- What a count of the register's rows would make of a month: every weighing with a
-- valid score stands for a child, however often the child was written; two rows of a
-- child and day both have the score of the one that is kept. And children who are five
-- already but still listed, judged by the last row of the table, at which the standard
-- ends.
with
    linked as (select child_id, measured_on from {{ ref("int_measurements_linked") }}),

    measurements as (select * from {{ ref("int_measurements") }}),

    scored as (select * from {{ ref("int_measurements_scored") }}),

    child_months as (select child_id, month from {{ ref("int_child_months") }}),

    who_by_age as (select * from {{ ref("int_who_by_age") }}),

    last_rows as (
        select sex_code, {{ who_measure_at(-2.005, "lhfa") }} as limit_cm
        from who_by_age
        where
            age_in_whole_days
            = (select max(age_in_whole_days) from {{ ref("int_who_by_age") }})
    ),

    dated as (
        select
            linked.child_id,
            {{ month_of("linked.measured_on") }} as month,
            scored.haz,
            coalesce(scored.is_haz_flagged, false) as is_haz_flagged,
            scored.corrected_height_cm,
            last_rows.limit_cm,
            not {{ is_under_months("measurements.age_days", 60) }} as is_over_age,
            child_months.child_id is not null as is_due
        from linked
        inner join measurements using (child_id, measured_on)
        inner join scored using (measurement_id)
        inner join
            last_rows
            on last_rows.sex_code
            = case measurements.sex when 'L' then 1 when 'P' then 2 end
        left join
            child_months
            on linked.child_id = child_months.child_id
            and {{ month_of("linked.measured_on") }} = child_months.month
    ),

    counted as (
        select
            month,
            count(*) filter (
                where is_due and haz is not null and not is_haz_flagged
            ) as rows_valid,
            count(*) filter (
                where is_due and haz < -2 and not is_haz_flagged
            ) as rows_stunted,
            count(distinct child_id) filter (
                where is_over_age and corrected_height_cm is not null
            ) as over_age,
            count(distinct child_id) filter (
                where is_over_age and corrected_height_cm < limit_cm
            ) as over_age_stunted
        from dated
        group by month
    )

select *
from counted
