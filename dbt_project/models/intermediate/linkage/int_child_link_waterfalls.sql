{{ config(materialized="view") }}
-- Why each writing is linked, as a person reads it; worked out when somebody asks.
with
    links as (select * from {{ ref("int_child_links") }}),

    pairs as (select * from {{ ref("int_linkage_pairs") }})

select
    links.agency,
    links.identity_key,
    links.points,
    {{ waterfall("pairs") }} as waterfall
from links
inner join
    pairs
    on pairs.record_l = least(links.link_record, links.anchor_record)
    and pairs.record_r = greatest(links.link_record, links.anchor_record)
