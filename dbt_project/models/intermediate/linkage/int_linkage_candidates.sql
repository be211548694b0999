-- For each child of one register the children of another that it may be, best first,
-- and by how much each is clear of the next.
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

    -- one guarded or forbidden pair keeps two children apart, unless a person joined
    -- them
    paired as (
        select
            l.entity_id,
            r.entity_id as other_id,
            sides.agency_l as agency,
            sides.agency_r as other_agency,
            sides.record_l as record_id,
            sides.record_r as other_record,
            sides.points,
            bool_or(sides.decision = 'link' and sides.is_judged) over (
                partition by l.entity_id, r.entity_id
            ) as is_joined_by_hand,
            bool_or(sides.decision = 'apart') over (
                partition by l.entity_id, r.entity_id
            ) as is_apart,
            row_number() over (
                partition by l.entity_id, r.entity_id
                order by
                    sides.points desc nulls last,
                    sides.record_l desc nulls last,
                    sides.record_r desc nulls last
            ) as place
        from sides
        inner join entities as l on sides.record_l = l.record_id
        inner join entities as r on sides.record_r = r.record_id
    ),

    weighed as (
        select
            entity_id,
            other_id,
            agency,
            other_agency,
            record_id,
            other_record,
            points,
            is_joined_by_hand,
            case when is_joined_by_hand then points + 1000 else points end as weight
        from paired
        where place = 1 and (is_joined_by_hand or not is_apart)
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
        from weighed
    )

select *
from ranked
