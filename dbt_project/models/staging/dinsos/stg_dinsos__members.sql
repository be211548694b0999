with
    members as (
        select * from {{ source("dinsos", "dtsen_anggota") }} where {{ is_believed() }}
    ),

    coded as (
        select
            -- ids
            {{ identity_key("dinsos", "dtsen_anggota") }} as identity_key,
            nik,
            no_kk,
            name as person_name,
            case sex when '1' then 'L' when '2' then 'P' end as sex,

            -- codes
            case
                relation
                when '1'
                then 'head'
                when '2'
                then 'spouse'
                when '3'
                then 'child'
                when '4'
                then 'other'
            end as relation,
            cast(education as integer) as education_code,

            -- flags: moved (2) or died (3); not found (4) may be anywhere, and stays
            coalesce(presence in ('2', '3'), false) as has_left,

            -- dates
            born_on,
            {{ period_end("_period") }} as as_of,

            -- lineage
            _delivery_id as delivery_id,
            _row as delivery_row,
            _received_at as received_at
        from members
    )

select *
from coded
