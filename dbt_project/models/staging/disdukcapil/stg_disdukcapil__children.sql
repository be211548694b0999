with
    children as (
        select * from {{ source("disdukcapil", "anak") }} where {{ is_believed() }}
    ),

    coded as (
        select
            -- ids
            {{ identity_key("disdukcapil", "anak") }} as identity_key,
            nik,
            no_kk,
            name as child_name,
            mother_name,
            father_name,
            left(upper(sex), 1) as sex,

            -- places, as written
            kecamatan_name,
            desa_name,

            -- dates
            born_on,
            {{ period_end("_period") }} as as_of,

            -- lineage
            _delivery_id as delivery_id,
            _row as delivery_row,
            _received_at as received_at
        from children
    )

select *
from coded
