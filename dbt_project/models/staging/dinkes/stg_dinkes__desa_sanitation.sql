with
    reports as (
        select * from {{ source("dinkes", "stbm_desa") }} where {{ is_believed() }}
    ),

    renamed as (
        select
            -- places, as written
            kecamatan_name,
            desa_name,

            -- measures
            families,
            open_defecation_families,

            -- dates
            reported_on,

            -- lineage
            _delivery_id as delivery_id,
            _row as delivery_row,
            _received_at as received_at
        from reports
    )

select *
from renamed
