-- When each child of the immunisation lists got each dose, by all lists: a dose entered
-- late changes the quarter it was given in.
with
    lists as (select * from {{ ref("stg_dinkes__immunisations") }}),

    links as (
        select * from {{ ref("int_child_links") }} where agency = 'dinkes_imunisasi'
    ),

    grouped as (
        select
            links.child_id,
            max(lists.as_of) as listed_until,
            min(lists.hb0_on) as hb0_on,
            min(lists.bcg_on) as bcg_on,
            min(lists.polio4_on) as polio4_on,
            min(lists.dpt3_on) as dpt3_on,
            min(lists.ipv_on) as ipv_on,
            min(lists.mr1_on) as mr1_on
        from lists
        inner join links using (identity_key)
        group by links.child_id
    )

select *
from grouped
