with
    counts as (
        select * from {{ source("dindik", "paud_desa") }} where {{ is_believed() }}
    ),

    coded as (
        select
            -- places, as written
            kecamatan_name,
            desa_name,

            -- measures
            children_2_6,
            children_attending,
            teachers,
            trained_teachers,

            -- dates
            year,
            {{ year_counted_on("year", "_received_at") }} as counted_on,

            -- lineage
            _delivery_id as delivery_id,
            _row as delivery_row,
            _received_at as received_at
        from counts
    )

select *
from coded
