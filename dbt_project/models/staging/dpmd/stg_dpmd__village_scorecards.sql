with
    scorecards as (
        select * from {{ source("dpmd", "ehdw_desa") }} where {{ is_believed() }}
    ),

    coded as (
        select
            -- places, as written
            kecamatan_name,
            desa_name,

            -- measures
            cadres,
            active_cadres,
            thousand_day_households,
            converged_households,

            -- dates
            {{ quarter_end("year", "quarter_no") }} as counted_on,

            -- lineage
            _delivery_id as delivery_id,
            _row as delivery_row,
            _received_at as received_at
        from scorecards
    )

select *
from coded
