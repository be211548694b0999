with
    houses as (
        select * from {{ ref("stg_perkim__houses") }} where owner_no_kk is not null
    ),

    latrine_levels as (select * from {{ ref("ref_latrine_levels") }}),

    water_sources as (select * from {{ ref("ref_water_sources") }}),

    -- one house a family and day: who owns two lives in one, and the latest number is
    -- taken for it
    ranked as (
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
            ranked.owner_no_kk as no_kk,
            ranked.surveyed_on as as_of,
            latrine_levels.latrine_level,
            water_sources.is_improved as has_improved_water,
            lead(ranked.surveyed_on, 1, date '9999-12-31') over (
                partition by ranked.owner_no_kk order by ranked.surveyed_on nulls last
            ) as valid_to
        from ranked
        left join
            latrine_levels
            on ranked.latrine_access_code = latrine_levels.latrine_access
            and coalesce(ranked.closet_code, '0') = latrine_levels.closet_type
            and coalesce(ranked.disposal_code, '0') = latrine_levels.disposal
        left join
            water_sources on ranked.water_source_code = water_sources.water_source_code
        where ranked.rank_of_day = 1
    )

select *
from described
