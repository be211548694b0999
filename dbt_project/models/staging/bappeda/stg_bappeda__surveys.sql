with
    estimates as (
        select * from {{ source("bappeda", "survei") }} where {{ is_believed() }}
    ),

    coded as (
        select
            -- ids
            indicator_id,
            survey,
            area,
            source,

            -- measures
            estimate_pct,
            low_pct,
            high_pct,
            sample,

            -- dates
            year,

            -- lineage
            _delivery_id as delivery_id,
            _row as delivery_row,
            _received_at as received_at
        from estimates
    )

select *
from coded
