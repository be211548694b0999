-- One child as one register knows it. Named records join through every link between
-- them; then what is listed without a name joins the one child it fits, or none.
with
    records as (select * from {{ ref("int_linkage_records") }}),

    pairs as (
        select *
        from {{ ref("int_linkage_pairs_decided") }}
        where agency_l = agency_r and decision = 'link'
    ),

    both_ways as (
        select record_l as record_id, record_r as other_id, points
        from pairs
        union all
        select record_r as record_id, record_l as other_id, points
        from pairs
    ),

    edges as (
        select
            both_ways.*,
            r.name_key is null as is_nameless,
            o.name_key is null as is_other_nameless
        from both_ways
        inner join records as r on both_ways.record_id = r.record_id
        inner join records as o on both_ways.other_id = o.record_id
    ),

    label_0 as (select record_id, record_id as label from records),
    {% for round in range(1, 6) %}
        -- the least name among a record's like, round {{ round }}
        label_{{ round }} as (
            select
                before.record_id,
                least(before.label, coalesce(min(other.label), before.label)) as label
            from label_{{ round - 1 }} as before
            left join
                edges
                on before.record_id = edges.record_id
                and edges.is_nameless = edges.is_other_nameless
            left join label_{{ round - 1 }} as other on edges.other_id = other.record_id
            group by before.record_id, before.label
        ),
    {% endfor %}

    fits as (
        select nameless.label, named.label as named_label, max(edges.points) as points
        from edges
        inner join label_5 as nameless on edges.record_id = nameless.record_id
        inner join label_5 as named on edges.other_id = named.record_id
        where edges.is_nameless and not edges.is_other_nameless
        group by nameless.label, named.label
    ),

    fitted as (
        select label, max(named_label) as named_label
        from fits
        group by label
        having count(*) = 1
    ),

    joined as (
        select
            label_5.record_id, coalesce(fitted.named_label, label_5.label) as entity_id
        from label_5
        left join fitted on label_5.label = fitted.label
    ),

    -- the registrar's word parts two records although a third is linked to both: the
    -- one
    -- of them that does not lend the entity its name stands alone
    parted as (
        select distinct
            case
                when apart.record_r = l.entity_id
                then apart.record_l
                else apart.record_r
            end as record_id
        from {{ ref("int_linkage_pairs_decided") }} as apart
        inner join joined as l on apart.record_l = l.record_id
        inner join joined as r on apart.record_r = r.record_id
        where apart.is_judged and apart.decision = 'apart' and l.entity_id = r.entity_id
    )

select
    joined.record_id,
    case
        when parted.record_id is null then joined.entity_id else joined.record_id
    end as entity_id
from joined
left join parted using (record_id)
