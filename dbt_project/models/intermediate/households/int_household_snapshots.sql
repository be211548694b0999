-- Only families of a known child; the register's other families are not read further
-- than staging.
with
    families as (select * from {{ ref("stg_dinsos__families") }}),

    members as (select * from {{ ref("stg_dinsos__members") }}),

    child_families as (select distinct no_kk from {{ ref("int_child_families") }}),

    latrine_levels as (select * from {{ ref("ref_latrine_levels") }}),

    water_sources as (select * from {{ ref("ref_water_sources") }}),

    present as (
        select members.*, {{ is_under_five("born_on", "as_of") }} as is_under_five
        from members
        inner join child_families using (no_kk)
        where
            coalesce(presence, 'present') <> 'moved'
            and coalesce(presence, 'present') <> 'died'
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
            families.desa_code,
            families.decile_low,
            families.decile_high,
            families.members,
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
            latrine_levels.latrine_level,
            water_sources.is_improved as has_improved_water,
            lead(families.as_of, 1, date '9999-12-31') over (
                partition by families.no_kk order by families.as_of nulls last
            ) as valid_to
        from families
        inner join child_families using (no_kk)
        left join counted using (no_kk, as_of)
        -- what the ladder does not list is unknown, never good
        left join
            latrine_levels
            on families.latrine_access_code = latrine_levels.latrine_access
            and coalesce(families.closet_code, '0') = latrine_levels.closet_type
            and coalesce(families.disposal_code, '0') = latrine_levels.disposal
        left join
            water_sources
            on families.water_source_code = water_sources.water_source_code
    )

select *
from described
