{{ config(materialized="view") }}
-- All families of DTSEN, not only those of a known child: latrine and water by the one
-- ladder, decile, and the aid on the list of that quarter. A family not on a list that
-- exists has no aid; without a list nothing is known.
with
    families as (select * from {{ ref("stg_dinsos__families") }}),

    aid as (select * from {{ ref("int_household_aid") }}),

    latrine_levels as (select * from {{ ref("ref_latrine_levels") }}),

    water_sources as (select * from {{ ref("ref_water_sources") }}),

    lists as (select distinct as_of from aid),

    described as (
        select
            families.no_kk,
            {{ quarter_of("families.as_of") }} as quarter,
            families.desa_code,
            families.kecamatan_code,
            families.decile_low,
            families.decile_high,
            latrine_levels.latrine_level,
            water_sources.is_improved as has_improved_water,
            case
                when lists.as_of is not null
                then coalesce(aid.programmes like '%PKH%', false)
            end as has_cash_aid,
            case
                when lists.as_of is not null
                then coalesce(aid.programmes like '%BPNT%', false)
            end as has_food_aid,
            families.as_of
        from families
        left join lists on families.as_of = lists.as_of
        left join aid on families.no_kk = aid.no_kk and families.as_of = aid.as_of
        left join
            latrine_levels
            on families.latrine_access_code = latrine_levels.latrine_access_code
            and coalesce(families.closet_code, '0') = latrine_levels.closet_code
            and coalesce(families.disposal_code, '0') = latrine_levels.disposal_code
        left join
            water_sources
            on families.water_source_code = water_sources.water_source_code
    )

select *
from described
