-- The children on the card of a BKKBN family at a round: those the social register
-- (DTSEN) lists as the head's, and those whom another register alone puts on the card,
-- mostly newborns. No list of the card's people: unknown. Known error that stays: a
-- child that grew up and left the card is not counted.
with
    family_cards as (
        select * from {{ ref("int_bkkbn_family_cards") }} where no_kk is not null
    ),

    members as (select * from {{ ref("stg_dinsos__members") }}),

    links as (select * from {{ ref("int_child_links") }} where agency = 'dinsos'),

    children as (select * from {{ ref("int_children") }}),

    child_families as (select * from {{ ref("int_child_families") }}),

    cards as (select distinct no_kk, as_of from family_cards),

    -- the latest list of the card's people not after the round
    rosters as (
        select cards.no_kk, cards.as_of, max(members.as_of) as roster_as_of
        from cards
        inner join
            members on cards.no_kk = members.no_kk and members.as_of <= cards.as_of
        group by cards.no_kk, cards.as_of
    ),

    listed as (
        select
            rosters.no_kk,
            rosters.as_of,
            coalesce(links.child_id, members.identity_key) as child_key,
            coalesce(children.born_on, members.born_on) as born_on,
            members.relation = 'child' and not members.has_left as is_own
        from rosters
        inner join
            members
            on rosters.no_kk = members.no_kk
            and rosters.roster_as_of = members.as_of
            and members.relation in ('child', 'other')
        left join links on members.identity_key = links.identity_key
        left join children on links.child_id = children.child_id
        union all
        select
            rosters.no_kk,
            rosters.as_of,
            children.child_id as child_key,
            children.born_on,
            cast(null as boolean) as is_own
        from rosters
        inner join
            child_families
            on rosters.no_kk = child_families.no_kk
            and rosters.as_of >= child_families.valid_from
            and rosters.as_of < child_families.valid_to
        inner join children on child_families.child_id = children.child_id
        where children.born_on <= rosters.as_of
    ),

    -- who is on the list as another's child, or gone, is not counted
    born as (
        select no_kk, as_of, child_key, min(born_on) as born_on
        from listed
        group by no_kk, as_of, child_key
        having coalesce(bool_and(is_own), true)
    ),

    youngest as (
        select *, max(born_on) over (partition by no_kk, as_of) as youngest_born_on
        from born
    ),

    counted as (
        select
            rosters.no_kk,
            rosters.as_of,
            count(distinct youngest.child_key) as children,
            max(youngest.youngest_born_on) as youngest_born_on,
            max(youngest.born_on) filter (
                where
                    {{
                        dbt.datediff(
                            "youngest.born_on", "youngest.youngest_born_on", "day"
                        )
                    }} >= {{ krs("same_birth_within_days") }}
            ) as born_before_on
        from rosters
        left join youngest using (no_kk, as_of)
        group by rosters.no_kk, rosters.as_of
    )

select *
from counted
