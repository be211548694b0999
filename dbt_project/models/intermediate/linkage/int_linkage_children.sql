-- Which entities are one child: each follows its match to the more believed registers,
-- up to the one that knows the child best. Two entities of one register are never one
-- child by this way: the weaker of them stays alone.
with
    entities as (select * from {{ ref("int_linkage_entities") }}),

    records as (select * from {{ ref("int_linkage_records") }}),

    matches as (select * from {{ ref("int_linkage_matches") }} where decision = 'link'),

    decided as (select * from {{ ref("int_linkage_pairs_decided") }}),

    described as (
        select
            entities.entity_id,
            any_value(records.agency) as agency,
            any_value(records.authority) as authority
        from entities
        inner join records using (record_id)
        group by entities.entity_id
    ),

    sided as (
        select
            entity_l as entity_id,
            entity_r as other_id,
            record_l as record_id,
            record_r as other_record,
            points
        from matches
        union all
        select
            entity_r as entity_id,
            entity_l as other_id,
            record_r as record_id,
            record_l as other_record,
            points
        from matches
    ),

    ranked as (
        select
            sided.*,
            row_number() over (
                partition by sided.entity_id
                order by higher.authority nulls last, sided.other_id nulls last
            ) as place
        from sided
        inner join described as entity on sided.entity_id = entity.entity_id
        inner join described as higher on sided.other_id = higher.entity_id
        where higher.authority < entity.authority
    ),

    -- the most believed register that knows the child
    upward as (select * {{ without("place") }} from ranked where place = 1),

    step_0 as (select entity_id, entity_id as root_id from described),
    {% for step in range(1, 4) %}
        step_{{ step }} as (
            select
                before.entity_id, coalesce(upward.other_id, before.root_id) as root_id
            from step_{{ step - 1 }} as before
            left join upward on before.root_id = upward.entity_id
        ),
    {% endfor %}

    -- whom the registrar parted is one child by no third register's way either
    parted as (
        select distinct
            case
                when l.authority > r.authority then l.entity_id else r.entity_id
            end as entity_id
        from decided
        inner join entities as l_entity on decided.record_l = l_entity.record_id
        inner join entities as r_entity on decided.record_r = r_entity.record_id
        inner join described as l on l_entity.entity_id = l.entity_id
        inner join described as r on r_entity.entity_id = r.entity_id
        inner join step_3 as l_step on l.entity_id = l_step.entity_id
        inner join step_3 as r_step on r.entity_id = r_step.entity_id
        where
            is_judged
            and decision = 'apart'
            and l.agency <> r.agency
            and l_step.root_id = r_step.root_id
    ),

    rooted as (
        select described.*, coalesce(parted.entity_id, step_3.root_id) as root_id
        from described
        inner join step_3 using (entity_id)
        left join parted using (entity_id)
    ),

    placed as (
        select
            rooted.*,
            upward.record_id,
            upward.other_record,
            upward.points,
            row_number() over (
                partition by rooted.root_id, rooted.agency
                order by upward.points desc nulls first, rooted.entity_id nulls last
            ) as place
        from rooted
        left join upward using (entity_id)
    )

select
    entity_id,
    agency,
    case when place = 1 then root_id else entity_id end as root_id,
    case when place = 1 and entity_id <> root_id then record_id end as record_id,
    case when place = 1 and entity_id <> root_id then other_record end as other_record,
    case when place = 1 and entity_id <> root_id then points end as points,
    place > 1 as is_crowded_out
from placed
