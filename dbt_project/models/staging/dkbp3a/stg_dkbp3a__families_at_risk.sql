with
    families as (
        select * from {{ source("dkbp3a", "krs_keluarga") }} where {{ is_believed() }}
    ),

    coded as (
        select
            -- ids
            family_code,
            wife_nik,
            wife_name,
            husband_name,
            no_kk,

            -- places, as written
            kecamatan_name,
            desa_name,

            -- flags: who lives there
            {{ is_code("has_couple", 1, 2) }} as has_couple,
            {{ is_code("is_pregnant", 1, 2) }} as is_pregnant,
            {{ is_code("has_under_two", 1, 2) }} as has_under_two,
            {{ is_code("has_two_to_five", 1, 2) }} as has_two_to_five,

            -- flags: risks
            {{ is_code("water_condition", 2, 1) }} as is_water_unfit,
            {{ is_code("latrine_condition", 2, 1) }} as is_latrine_unfit,
            {{ is_code("too_young", 2, 1) }} as is_too_young,
            {{ is_code("too_old", 2, 1) }} as is_too_old,
            {{ is_code("too_close", 2, 1) }} as is_too_close,
            {{ is_code("too_many", 2, 1) }} as is_too_many,

            -- as given
            {{ is_code("at_risk", 1, 2) }} as is_at_risk,
            {{ is_code("accompanied", 1, 2) }} as is_accompanied,
            welfare_rank,

            -- dates
            {{ period_end("_period") }} as as_of,

            -- lineage
            _delivery_id as delivery_id,
            _row as delivery_row,
            _received_at as received_at
        from families
    )

select *
from coded
