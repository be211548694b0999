-- The posyandu that weighed the child last. Its name is written text and unique only
-- inside its desa: the two go together.
with
    linked as (
        select *
        from {{ ref("int_measurements_linked") }}
        where not is_same_day_duplicate
    ),

    ranked as (
        select
            child_id,
            posyandu_desa_code,
            posyandu_name,
            row_number() over (partition by child_id order by measured_on desc) as place
        from linked
        where posyandu_name is not null
    )

select child_id, posyandu_desa_code, posyandu_name
from ranked
where place = 1
