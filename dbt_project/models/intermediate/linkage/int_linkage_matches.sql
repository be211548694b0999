-- Child of one register against child of another, one to one: a match is the best of
-- both sides, and no other comes near it on either. A child listed without a name that
-- fits two in one register, as twins are two, is by that likeness nobody's in the
-- others either: they may know only one of the two.
with
    candidates as (select * from {{ ref("int_linkage_candidates") }}),

    entities as (select * from {{ ref("int_linkage_entities") }}),

    records as (select * from {{ ref("int_linkage_records") }}),

    nameless as (
        select entities.entity_id
        from entities
        inner join records using (record_id)
        group by entities.entity_id
        having count(records.name_key) = 0
    ),

    torn as (
        select distinct candidates.entity_id
        from candidates
        inner join nameless using (entity_id)
        where
            place = 1
            and margin < {{ linkage_threshold("margin") }}
            and weight - margin >= {{ linkage_threshold("review") }}
    ),

    -- each pair of entities once
    sided as (
        select
            l.entity_id as entity_l,
            l.other_id as entity_r,
            l.agency as agency_l,
            l.other_agency as agency_r,
            l.record_id as record_l,
            l.other_record as record_r,
            l.points,
            l.is_joined_by_hand,
            l.weight,
            least(l.margin, r.margin) as margin,
            l.place = 1 and r.place = 1 as is_best_of_both,
            torn_l.entity_id is not null or torn_r.entity_id is not null as is_torn
        from candidates as l
        inner join
            candidates as r on l.entity_id = r.other_id and l.other_id = r.entity_id
        left join torn as torn_l on l.entity_id = torn_l.entity_id
        left join torn as torn_r on l.other_id = torn_r.entity_id
        where l.entity_id < l.other_id
    )

select
    entity_l,
    entity_r,
    agency_l,
    agency_r,
    record_l,
    record_r,
    points,
    is_joined_by_hand,
    margin,
    case
        when not is_best_of_both
        then 'none'
        when weight < {{ linkage_threshold("link") }}
        then 'review'
        when margin < {{ linkage_threshold("margin") }}
        then 'review'
        when is_torn and not is_joined_by_hand
        then 'review'
        else 'link'
    end as decision
from sided
