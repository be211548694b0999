-- Children who became one, were parted, or changed their key, by the day it was found.
with
    history as (select * from {{ ref("child_links_history") }}),

    moved as (
        select
            later.agency,
            later.identity_key,
            earlier.child_id as old_child_id,
            later.child_id,
            later.dbt_valid_from as changed_at
        from history as later
        inner join
            history as earlier
            on later.agency = earlier.agency
            and later.identity_key = earlier.identity_key
            and later.dbt_valid_from = earlier.dbt_valid_to
        where later.child_id <> earlier.child_id
    ),

    present as (
        select
            child_id,
            min(dbt_valid_from) as known_from,
            bool_or(dbt_valid_to is null) as is_known
        from history
        group by child_id
    ),

    -- what joined the new child's writings that night: one that others joined has no
    -- rule
    -- itself. The strongest comes last in the alphabet: alone, duplicate, match,
    -- registrar.
    rules as (
        select moved.child_id, moved.changed_at, max(history.rule) as rule
        from moved
        inner join
            history
            on moved.child_id = history.child_id
            and moved.changed_at >= history.dbt_valid_from
            and (
                history.dbt_valid_to is null or moved.changed_at < history.dbt_valid_to
            )
        group by moved.child_id, moved.changed_at
    ),

    told as (
        select
            cast(moved.changed_at as date) as changed_on,
            case
                when old.is_known
                then 'split'
                when new.known_from < moved.changed_at
                then 'merged'
                else 'renamed'
            end as kind,
            moved.old_child_id,
            moved.child_id,
            rules.rule as link_rule,
            cast(count(*) as integer) as writings
        from moved
        inner join present as old on moved.old_child_id = old.child_id
        inner join present as new on moved.child_id = new.child_id
        inner join
            rules
            on moved.child_id = rules.child_id
            and moved.changed_at = rules.changed_at
        group by all
    )

select *
from told
