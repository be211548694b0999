with
    payments as (
        select * from {{ source("dinsos", "bansos") }} where {{ is_believed() }}
    ),

    renamed as (
        select
            -- ids
            nik,
            programme,

            -- dates
            {{ period_end("_period") }} as as_of,

            -- lineage
            _delivery_id as delivery_id,
            _row as delivery_row,
            _received_at as received_at
        from payments
    )

select *
from renamed
