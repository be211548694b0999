-- The one seam of record linkage: whatever joins an agency's child to a child does it
-- through this table. The child is named by its writing that came first, so that its
-- name stays as long as files only arrive.
with
    members as (select * from {{ ref("int_linkage_members") }}),

    writings as (select * from {{ ref("int_linkage_writings") }}),

    entities as (select * from {{ ref("int_linkage_entities") }}),

    children as (select * from {{ ref("int_linkage_children") }}),

    pairs as (
        select * from {{ ref("int_linkage_pairs_decided") }} where decision = 'link'
    ),

    -- inside a register: the link that holds a record to its entity
    sided as (
        select record_l as record_id, record_r as other_record, points, is_judged
        from pairs
        where agency_l = agency_r
        union all
        select record_r as record_id, record_l as other_record, points, is_judged
        from pairs
        where agency_l = agency_r
    ),

    duplicates as (
        select
            sided.record_id,
            max(sided.points) as points,
            max_by(
                sided.other_record, (sided.points, sided.other_record)
            ) as other_record,
            bool_or(sided.is_judged) as is_judged
        from sided
        inner join entities as own on sided.record_id = own.record_id
        inner join entities as other on sided.other_record = other.record_id
        where own.entity_id = other.entity_id
        group by sided.record_id
    ),

    judged as (select record_l, record_r from pairs where is_judged),

    joined as (
        select
            members.agency,
            members.identity_key,
            members.record_id,
            members.authority,
            members.first_received_at,
            children.root_id,
            coalesce(children.other_record, duplicates.other_record) as anchor_record,
            coalesce(children.record_id, members.record_id) as link_record,
            coalesce(children.points, duplicates.points) as points,
            case
                when judged.record_l is not null or duplicates.is_judged
                then 'registrar'
                when children.other_record is not null
                then 'match'
                when duplicates.other_record is not null
                then 'duplicate'
                else 'alone'
            end as rule
        from members
        inner join entities using (record_id)
        inner join children on entities.entity_id = children.entity_id
        left join duplicates on members.record_id = duplicates.record_id
        left join
            judged
            on judged.record_l = least(children.record_id, children.other_record)
            and judged.record_r = greatest(children.record_id, children.other_record)
    ),

    named as (
        select
            *,
            first_value(agency || identity_key) over (
                partition by root_id
                order by
                    first_received_at nulls last, authority, identity_key nulls last
            ) as first_writing
        from joined
    )

select
    named.agency,
    named.identity_key,
    md5(named.first_writing) as child_id,
    named.rule,
    named.points,
    named.record_id,
    named.link_record,
    named.anchor_record,
    writings.agency as anchor_agency,
    writings.identity_key as anchor_identity
from named
left join writings on named.anchor_record = writings.record_id
