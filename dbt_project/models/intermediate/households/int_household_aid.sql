with
    aid as (select * from {{ ref("stg_dinsos__aid") }} where nik is not null),

    members as (select * from {{ ref("stg_dinsos__members") }}),

    recipients as (select distinct nik from aid),

    -- the recipient's family card, from the latest snapshot that has the person
    cards as (
        select members.nik, max_by(members.no_kk, members.as_of) as no_kk
        from members
        inner join recipients on members.nik = recipients.nik
        group by members.nik
    ),

    grouped as (
        select
            cards.no_kk,
            aid.as_of,
            string_agg(
                distinct aid.programme, ', ' order by aid.programme
            ) as programmes
        from aid
        inner join cards on aid.nik = cards.nik
        group by cards.no_kk, aid.as_of
    )

select *
from grouped
