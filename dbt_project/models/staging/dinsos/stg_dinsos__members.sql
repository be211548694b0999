with
    members as (
        select * from {{ source("dinsos", "dtsen_anggota") }} where _status = 'accepted'
    ),

    coded as (
        select
            -- ids
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
            case
                presence
                when '1'
                then 'present'
                when '2'
                then 'moved'
                when '3'
                then 'died'
                when '4'
                then 'not_found'
            end as presence,

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
