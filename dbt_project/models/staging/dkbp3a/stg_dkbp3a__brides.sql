with
    couples as (
        select * from {{ source("dkbp3a", "catin") }} where {{ is_believed() }}
    ),

    coded as (
        select
            -- ids
            bride_nik,
            bride_name,

            -- places, as written
            kecamatan_name,
            desa_name,

            -- measures
            muac_cm,
            haemoglobin,

            -- flags
            {{ is_ya("iron_tablets_given") }} as is_given_iron_tablets,
            {{ is_ya("counselled") }} as is_counselled,
            {{ is_ya("bride_accompanied") }} as is_accompanied,

            -- dates
            bride_born_on,
            examined_on,
            wedding_on,
            {{ period_end("_period") }} as as_of,

            -- lineage
            _delivery_id as delivery_id,
            _row as delivery_row,
            _received_at as received_at
        from couples
    )

select *
from coded
