with
    linked as (select * from {{ ref("int_measurements_linked") }}),

    -- a child measured before its birth has a wrong date: there is no age to score it
    -- by, and data_quality_puskesmas counts the row
    usable as (select * from linked where age_days >= 0 and not is_same_day_duplicate),

    keyed as (
        select
            -- ids
            md5(child_id || '|' || measured_on) as measurement_id,
            child_id,
            sex,
            puskesmas_code,
            posyandu_desa_code,
            posyandu_name,

            -- measures
            age_days,
            weight_kg,
            height_cm,
            position,
            has_oedema,
            muac_cm,
            head_cm,

            -- dates
            measured_on,

            -- lineage
            delivery_id,
            delivery_row
        from usable
    )

select *
from keyed
