-- A target holds from its year until the year of the next one.
with
    targets as (select * from {{ ref("indicator_targets") }}),

    dated as (
        select
            *,
            lead(year, 1, 9999) over (
                partition by indicator_id order by year nulls last
            ) as next_year
        from targets
    )

select *
from dated
