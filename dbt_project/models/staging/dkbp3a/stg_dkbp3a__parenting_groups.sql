with
    counts as (
        select * from {{ source("dkbp3a", "bkb_desa") }} where {{ is_believed() }}
    ),

    coded as (
        select
            -- places, as written
            kecamatan_name,
            desa_name,

            -- measures
            groups,
            target_families,
            attending_families,

            -- dates
            {{ quarter_end("year", "quarter_no") }} as counted_on,

            -- lineage
            _delivery_id as delivery_id,
            _row as delivery_row,
            _received_at as received_at
        from counts
    )

select *
from coded
