with
    items as (select * from {{ source("audit", "items") }}),

    renamed as (
        select
            -- ids
            ticket,
            agency,
            dataset,
            state as item_state,

            -- dates
            {{ month_of(period_end("period")) }} as month,
            received_at
        from items
    )

select *
from renamed
