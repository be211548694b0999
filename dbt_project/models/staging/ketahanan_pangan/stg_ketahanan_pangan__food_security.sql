with
    classes as (
        select *
        from {{ source("ketahanan_pangan", "fsva_desa") }}
        where {{ is_believed() }}
    ),

    coded as (
        select
            -- ids
            desa_code,

            -- measures
            priority,

            -- dates
            year,
            {{ year_counted_on("year", "_received_at") }} as counted_on,

            -- lineage
            _delivery_id as delivery_id,
            _row as delivery_row,
            _received_at as received_at
        from classes
    )

select *
from coded
