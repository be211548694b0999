with
    counts as (
        select * from {{ source("pupr", "air_minum_desa") }} where {{ is_believed() }}
    ),

    renamed as (
        select
            -- places, as written
            kecamatan_name,
            desa_name,

            -- measures
            families,
            improved_water_families,

            -- dates
            make_date(year, 12, 31) as counted_on,

            -- lineage
            _delivery_id as delivery_id,
            _row as delivery_row,
            _received_at as received_at
        from counts
    )

select *
from renamed
