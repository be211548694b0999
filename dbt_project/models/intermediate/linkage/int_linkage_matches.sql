-- Child of one register against child of another, one to one: a match is the best of
-- both sides, and no other comes near it on either.
with
    pairs as (
        select * from {{ ref("int_linkage_pairs_decided") }} where agency_l <> agency_r
    ),

    entities as (select * from {{ ref("int_linkage_entities") }}),

    sides as (
        select record_l, record_r, agency_l, agency_r, points, decision, is_judged
        from pairs
        union all
        select record_r, record_l, agency_r, agency_l, points, decision, is_judged
        from pairs
    ),

    -- each pair of entities once, whichever of their records comes first
    both_ways as (
        select sides.*, l.entity_id as entity_l, r.entity_id as entity_r
        from sides
        inner join entities as l on sides.record_l = l.record_id
        inner join entities as r on sides.record_r = r.record_id
        where l.entity_id < r.entity_id
    ),

    -- one guarded or forbidden pair keeps two children apart, unless a person joined
    -- them
    grouped as (
        select
            entity_l,
            entity_r,
            agency_l,
            agency_r,
            max(points) as points,
            max_by(record_l, points) as record_l,
            max_by(record_r, points) as record_r,
            bool_or(decision = 'link' and is_judged) as is_joined_by_hand,
            bool_or(decision = 'apart') as is_apart
        from both_ways
        group by entity_l, entity_r, agency_l, agency_r
    ),

    possible as (
        select
            *, case when is_joined_by_hand then points + 1000 else points end as weight
        from grouped
        where is_joined_by_hand or not is_apart
    ),

    sided as (
        select
            entity_l as entity_id,
            agency_r as other_agency,
            entity_r as other_id,
            weight
        from possible
        union all
        select
            entity_r as entity_id,
            agency_l as other_agency,
            entity_l as other_id,
            weight
        from possible
    ),

    ranked as (
        select
            *,
            weight - coalesce(
                max(weight) over (
                    partition by entity_id, other_agency
                    order by weight desc, other_id nulls last
                    rows between 1 following and unbounded following
                ),
                0
            ) as margin,
            row_number() over (
                partition by entity_id, other_agency
                order by weight desc, other_id nulls last
            ) as place
        from sided
    )

select
    possible.entity_l,
    possible.entity_r,
    possible.agency_l,
    possible.agency_r,
    possible.record_l,
    possible.record_r,
    possible.points,
    possible.is_joined_by_hand,
    least(l.margin, r.margin) as margin,
    case
        when l.place > 1 or r.place > 1
        then 'none'
        when possible.weight < {{ linkage_threshold("link") }}
        then 'review'
        when least(l.margin, r.margin) < {{ linkage_threshold("margin") }}
        then 'review'
        else 'link'
    end as decision
from possible
inner join
    ranked as l on possible.entity_l = l.entity_id and possible.entity_r = l.other_id
inner join
    ranked as r on possible.entity_r = r.entity_id and possible.entity_l = r.other_id
