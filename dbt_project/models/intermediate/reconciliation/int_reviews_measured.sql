-- Children who may be one child written twice: pairs of the health register that wait
-- for a person, both counted with a height in the month.
with
    reviews as (
        select *
        from {{ ref("int_linkage_reviews") }}
        where agency_a = 'dinkes' and agency_b = 'dinkes'
    ),

    links as (select * from {{ ref("int_child_links") }} where agency = 'dinkes'),

    heights as (
        select child_id, month, haz < -2 as is_stunted
        from {{ ref("int_register_heights") }}
    ),

    pairs as (
        select distinct
            least(a.child_id, b.child_id) as child_a,
            greatest(a.child_id, b.child_id) as child_b
        from reviews
        inner join links as a on reviews.identity_a = a.identity_key
        inner join links as b on reviews.identity_b = b.identity_key
        where a.child_id <> b.child_id
    ),

    counted as (
        select
            a.month,
            count(*) as pairs,
            count(*) filter (where a.is_stunted and b.is_stunted) as both_stunted,
            count(*) filter (where a.is_stunted or b.is_stunted) as any_stunted
        from pairs
        inner join heights as a on pairs.child_a = a.child_id
        inner join heights as b on pairs.child_b = b.child_id and a.month = b.month
        group by a.month
    )

select *
from counted
