-- The class of each desa on the newest map of food security and vulnerability (FSVA), 1
-- the worst to 6.
with
    classes as (select * from {{ ref("stg_ketahanan_pangan__food_security") }}),

    ranked as (
        select
            desa_code,
            priority as food_class,
            counted_on as as_of,
            {{ latest_rank(["desa_code"], "year") }} as recency
        from classes
    )

select * {{ without("recency") }}
from ranked
where recency = 1
