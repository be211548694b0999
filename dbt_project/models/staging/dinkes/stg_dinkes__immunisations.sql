with
    children as (
        select * from {{ source("dinkes", "imunisasi") }} where {{ is_believed() }}
    ),

    coded as (
        select
            -- ids
            {{ identity_key("dinkes", "imunisasi") }} as identity_key,
            -- the mother's NIK on a child is set aside
            case
                when {{ is_own_nik("child_nik", "born_on") }} then child_nik
            end as child_nik,
            child_name,
            mother_name,
            sex,

            -- places, as written
            kecamatan_name,
            desa_name,
            puskesmas_name,

            -- dates
            born_on,
            hb0_on,
            bcg_on,
            polio4_on,
            dpt3_on,
            ipv_on,
            mr1_on,
            {{ period_end("_period") }} as as_of,

            -- lineage
            _delivery_id as delivery_id,
            _row as delivery_row,
            _received_at as received_at
        from children
    )

select *
from coded
