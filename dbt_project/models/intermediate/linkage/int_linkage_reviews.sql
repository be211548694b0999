-- What a person has to decide: pairs near the threshold, and pairs above it that
-- another
-- pair comes near or that were crowded out. One row per pair of entities.
with
    pairs as (select * from {{ ref("int_linkage_pairs_decided") }}),

    scored as (select * from {{ ref("int_linkage_pairs") }}),

    entities as (select * from {{ ref("int_linkage_entities") }}),

    children as (select * from {{ ref("int_linkage_children") }}),

    matches as (select * from {{ ref("int_linkage_matches") }}),

    writings as (select * from {{ ref("int_linkage_writings") }}),

    inside as (
        select
            least(l.entity_id, r.entity_id) as entity_l,
            greatest(l.entity_id, r.entity_id) as entity_r,
            max_by(
                pairs.record_l, (pairs.points, pairs.record_l, pairs.record_r)
            ) as record_l,
            max_by(
                pairs.record_r, (pairs.points, pairs.record_l, pairs.record_r)
            ) as record_r,
            max(pairs.points) as points,
            bool_or(pairs.decision = 'apart') as is_apart,
            case
                when max(pairs.points) >= {{ linkage_threshold("link") }}
                then 'dua anak cocok'
                else 'di antara dua ambang'
            end as reason
        from pairs
        inner join entities as l on pairs.record_l = l.record_id
        inner join entities as r on pairs.record_r = r.record_id
        where pairs.agency_l = pairs.agency_r and l.entity_id <> r.entity_id
        group by 1, 2
    ),

    across as (
        select
            entity_l,
            entity_r,
            record_l,
            record_r,
            points,
            case
                when points >= {{ linkage_threshold("link") }}
                then 'dua anak cocok'
                else 'di antara dua ambang'
            end as reason
        from matches
        where decision = 'review'
    ),

    open_pairs as (
        select entity_l, entity_r, record_l, record_r, points, reason
        from inside
        where not is_apart
        union all
        select *
        from across
    ),

    -- a pair that is one child by another way needs nobody
    asked as (
        select open_pairs.*
        from open_pairs
        inner join children as l on open_pairs.entity_l = l.entity_id
        inner join children as r on open_pairs.entity_r = r.entity_id
        where l.root_id <> r.root_id
    )

select
    a.agency as agency_a,
    a.identity_key as identity_a,
    b.agency as agency_b,
    b.identity_key as identity_b,
    asked.points,
    asked.reason,
    {{ waterfall("scored") }} as waterfall
from asked
inner join writings as a on asked.record_l = a.record_id
inner join writings as b on asked.record_r = b.record_id
inner join
    scored
    on scored.record_l = least(asked.record_l, asked.record_r)
    and scored.record_r = greatest(asked.record_l, asked.record_r)
