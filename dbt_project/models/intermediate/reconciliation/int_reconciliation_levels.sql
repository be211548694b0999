-- The prevalences that are held against each other in a month: the register's, the
-- survey's last one before the month's end, and the least and most that are possible
-- among all children due.
with
    points as (
        select * from {{ ref("int_stunting_points") }} where area_level = 'kabupaten'
    ),

    months as (select * from {{ ref("int_months") }}),

    counted as (
        select
            month,
            sum(due) as due,
            sum(height_valid) as height_valid,
            sum(stunted) as stunted
        from {{ ref("int_area_months_counted") }}
        group by month
        having sum(height_valid) > 0
    ),

    ranked as (
        select
            months.month,
            points.*,
            row_number() over (
                partition by months.month order by points.observed_on desc
            ) as rank
        from months
        inner join points on points.observed_on <= months.month_end_on
        where points.source = 'survey'
    ),

    levels as (
        select
            counted.month,
            'register' as component,
            points.observed_pct as level_pct,
            points.low_pct,
            points.high_pct,
            counted.height_valid as children
        from counted
        inner join points on counted.month = points.observed_on
        where points.source = 'register'
        union all
        select month, 'survey', observed_pct, low_pct, high_pct, null
        from ranked
        where rank = 1
        union all
        select month, 'best_case', 100.0 * stunted / due, null, null, due
        from counted
        union all
        select
            month,
            'worst_case',
            100.0 * (stunted + due - height_valid) / due,
            null,
            null,
            due
        from counted
    )

select *
from levels
