-- The latrine and the water of a family by the one ladder (ref_latrine_levels,
-- ref_water_sources), from DTSEN and from the housing survey.
with
    families as (select * from {{ ref("stg_dinsos__families") }}),

    houses as (
        select * from {{ ref("stg_perkim__houses") }} where owner_no_kk is not null
    ),

    latrine_levels as (select * from {{ ref("ref_latrine_levels") }}),

    water_sources as (select * from {{ ref("ref_water_sources") }}),

    -- one house a family and day: who owns two lives in one, and the latest number is
    -- taken for it
    ranked_houses as (
        select
            *,
            row_number() over (
                partition by owner_no_kk, surveyed_on
                order by received_at desc nulls last, house_id desc nulls last
            ) as rank_of_day
        from houses
    ),

    described as (
        select
            'dinsos' as agency,
            no_kk,
            as_of,
            latrine_access_code,
            closet_code,
            disposal_code,
            water_source_code
        from families
        union all
        select
            'perkim' as agency,
            owner_no_kk as no_kk,
            surveyed_on as as_of,
            latrine_access_code,
            closet_code,
            disposal_code,
            water_source_code
        from ranked_houses
        where rank_of_day = 1
    ),

    levelled as (
        select
            described.agency,
            described.no_kk,
            described.as_of,
            latrine_levels.latrine_level,
            water_sources.is_improved as has_improved_water,
            lead(described.as_of, 1, date '9999-12-31') over (
                partition by described.agency, described.no_kk
                order by described.as_of nulls last
            ) as valid_to
        from described
        -- what the ladder does not list is unknown, never good
        left join
            latrine_levels
            on described.latrine_access_code = latrine_levels.latrine_access_code
            and coalesce(described.closet_code, '0') = latrine_levels.closet_code
            and coalesce(described.disposal_code, '0') = latrine_levels.disposal_code
        left join
            water_sources
            on described.water_source_code = water_sources.water_source_code
    )

select *
from levelled
