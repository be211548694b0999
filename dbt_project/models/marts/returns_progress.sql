with
    items as (select * from {{ ref("int_items_counted") }}),

    described as (
        select
            -- ids
            agency,
            dataset,
            month,

            -- counts: quarantined is the sum of the four below it
            quarantined,
            fixed,
            accepted_as_is,
            deleted,
            open,
            oldest_open_days,

            -- dates
            items_as_of
        from items
    )

select *
from described
