-- The posyandu that weighed the child last. Its name is written text and unique only
-- inside its desa: the two go together.
with
    linked as (
        select *
        from {{ ref("int_measurements_linked") }}
        where not is_same_day_duplicate
    ),

    latest as (
        select
            child_id,
            max_by(posyandu_desa_code, measured_on) filter (
                where posyandu_desa_code is not null
            ) as posyandu_desa_code,
            max_by(posyandu_name, measured_on) as posyandu_name
        from linked
        where posyandu_name is not null
        group by child_id
    )

select *
from latest
