-- The family card a child stands on. A registry's word goes before the posyandu's; a
-- card holds from the day it is read to the next reading, the first also backwards: the
-- card only says where to look, it is no risk by itself. Of DTSEN a reading is a
-- snapshot that has the child present on another card than the one before it.
with
    links as (select * from {{ ref("int_child_links") }}),

    registered as (select * from {{ ref("stg_disdukcapil__children") }}),

    members as (select * from {{ ref("stg_dinsos__members") }}),

    identities as (select * from {{ ref("int_child_identities") }}),

    by_mother as (select * from {{ ref("int_child_cards_by_mother") }}),

    present as (
        select links.child_id, members.as_of, min(members.no_kk) as no_kk
        from members
        inner join
            links
            on links.agency = 'dinsos'
            and members.identity_key = links.identity_key
        where
            not members.has_left
            and {{ is_under_five("members.born_on", "members.as_of") }}
        group by links.child_id, members.as_of
    ),

    followed as (
        select
            *,
            lag(no_kk) over (
                partition by child_id order by as_of nulls last
            ) as no_kk_before
        from present
    ),

    readings as (
        select 'disdukcapil' as agency, identity_key, no_kk, as_of, 2 as precedence
        from registered
        union all
        select agency, identity_key, no_kk, first_seen_on as as_of, 3 as precedence
        from identities
        where told_by = 'dinkes'
    ),

    read_cards as (
        select links.child_id, readings.no_kk, readings.as_of, readings.precedence
        from readings
        inner join links using (agency, identity_key)
        where readings.no_kk is not null
        union all
        select child_id, no_kk, as_of, 1 as precedence
        from followed
        where no_kk_before is null or no_kk <> no_kk_before
        union all
        select child_id, no_kk, as_of, 4 as precedence
        from by_mother
    ),

    cards as (
        select
            *,
            min(precedence) over (partition by child_id) as best_precedence,
            row_number() over (
                partition by child_id, as_of order by precedence, no_kk nulls last
            ) as rank_of_day
        from read_cards
    ),

    -- the posyandu's card counts only where no registry has the child
    chosen as (
        select *
        from cards
        where rank_of_day = 1 and (precedence < 3 or best_precedence >= 3)
    ),

    dated as (
        select
            child_id,
            no_kk,
            as_of,
            case
                when
                    row_number() over (partition by child_id order by as_of nulls last)
                    = 1
                then date '1900-01-01'
                else as_of
            end as valid_from,
            coalesce(
                lead(as_of) over (partition by child_id order by as_of nulls last),
                date '9999-12-31'
            ) as valid_to
        from chosen
    )

select *
from dated
