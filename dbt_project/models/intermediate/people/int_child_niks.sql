-- Whose NIK it is: the civil registry's word, else DTSEN's, else the posyandu's first.
with
    identities as (
        select * from {{ ref("int_child_identities") }} where nik is not null
    ),

    measurements as (select * from {{ ref("stg_dinkes__measurements") }}),

    holders as (
        select
            *,
            row_number() over (
                partition by nik
                order by
                    civil_precedence,
                    is_unnamed,
                    first_seen_on nulls last,
                    identity_key nulls last
            ) as precedence
        from identities
    ),

    -- two names under one NIK at one session are two children: twins, as a rule
    shared_sessions as (
        select child_nik
        from measurements
        where child_nik is not null
        group by child_nik, measured_on
        having count(distinct child_name) > 1
    ),

    shared as (select distinct child_nik as nik from shared_sessions),

    described as (
        select
            holders.nik,
            holders.name_key,
            holders.first_name_key,
            holders.is_unnamed,
            holders.sex,
            holders.born_on,
            shared.nik is not null as is_shared
        from holders
        left join shared on holders.nik = shared.nik
        where holders.precedence = 1
    )

select *
from described
