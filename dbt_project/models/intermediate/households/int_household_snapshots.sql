-- Only families of a known child; the register's other families are not read further
-- than staging.
with
    families as (select * from {{ ref("stg_dinsos__families") }}),

    members as (select * from {{ ref("stg_dinsos__members") }}),

    child_families as (select distinct no_kk from {{ ref("int_child_families") }}),

    sanitation as (
        select * from {{ ref("int_household_sanitation") }} where agency = 'dinsos'
    ),

    present as (
        select members.*, {{ is_under_five("born_on", "as_of") }} as is_under_five
        from members
        inner join child_families using (no_kk)
        where not has_left
    ),

    -- the mother is the head's wife, else a head who is a woman
    counted as (
        select
            no_kk,
            as_of,
            count(*) filter (where is_under_five) as under_fives,
            count(*) filter (
                where is_under_five and relation <> 'child'
            ) as other_under_fives,
            count(*) filter (where sex = 'P' and relation = 'spouse') as wives,
            max(education_code) filter (
                where sex = 'P' and relation = 'spouse'
            ) as wife_education_code,
            max(education_code) filter (
                where sex = 'P' and relation = 'head'
            ) as head_education_code
        from present
        group by no_kk, as_of
    ),

    described as (
        select
            families.no_kk,
            families.as_of,
            families.decile_low,
            families.decile_high,
            counted.under_fives,
            -- a grandchild's mother is not the head's wife: then whose mother she is,
            -- is unknown
            case
                when counted.other_under_fives > 0 or counted.wives > 1
                then null
                when counted.wives = 1
                then counted.wife_education_code
                else counted.head_education_code
            end as mother_education_code,
            sanitation.latrine_level,
            sanitation.has_improved_water,
            lead(families.as_of, 1, date '9999-12-31') over (
                partition by families.no_kk order by families.as_of nulls last
            ) as valid_to
        from families
        inner join child_families using (no_kk)
        left join counted using (no_kk, as_of)
        left join sanitation using (no_kk, as_of)
    )

select *
from described
