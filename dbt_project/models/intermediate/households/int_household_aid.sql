-- The programmes a family is listed for. A recipient counts for the family card of the
-- time of the list: the latest snapshot not after it, or the first there is. A
-- recipient
-- without a NIK, or whom DTSEN does not have, is no family's: a known error that stays,
-- the share of aid is a little low.
with
    aid as (select * from {{ ref("stg_dinsos__aid") }} where nik is not null),

    members as (select * from {{ ref("stg_dinsos__members") }}),

    recipients as (select distinct nik from aid),

    -- a NIK on two cards of one snapshot: the lower number, so that nights agree
    cards as (
        select members.nik, members.as_of, min(members.no_kk) as no_kk
        from members
        inner join recipients on members.nik = recipients.nik
        group by members.nik, members.as_of
    ),

    dated as (
        select
            nik,
            no_kk,
            case
                when row_number() over (partition by nik order by as_of nulls last) = 1
                then date '1900-01-01'
                else as_of
            end as valid_from,
            lead(as_of, 1, date '9999-12-31') over (
                partition by nik order by as_of nulls last
            ) as valid_to
        from cards
    ),

    grouped as (
        select
            dated.no_kk,
            aid.as_of,
            {{ joined("distinct aid.programme", ", ", "aid.programme") }} as programmes
        from aid
        inner join
            dated
            on aid.nik = dated.nik
            and aid.as_of >= dated.valid_from
            and aid.as_of < dated.valid_to
        group by dated.no_kk, aid.as_of
    )

select *
from grouped
