with
    measurements as (select * from {{ ref("stg_dinkes__measurements") }}),

    links as (select * from {{ ref("int_child_links") }} where agency = 'dinkes'),

    children as (select * from {{ ref("int_children") }}),

    puskesmas_names as (select * from {{ ref("int_puskesmas_names") }}),

    linked as (
        select
            -- ids
            links.child_id,
            children.sex,
            puskesmas_names.puskesmas_code,

            -- measures
            cast(
                {{
                    dbt.datediff(
                        "children.born_on", "measurements.measured_on", "day"
                    )
                }} as double
            ) as age_days,
            measurements.weight_kg,
            measurements.height_cm,
            measurements.position,
            measurements.has_oedema,
            measurements.muac_cm,
            measurements.head_cm,

            -- flags
            measurements.is_nik_missing,
            measurements.is_nik_lost,
            -- the child was weighed twice that day, or sent twice: the latest word
            -- counts
            row_number() over (
                partition by links.child_id, measurements.measured_on
                order by
                    measurements.received_at desc nulls last,
                    measurements.delivery_id desc nulls last,
                    measurements.delivery_row desc nulls last
            )
            > 1 as is_same_day_duplicate,

            -- dates
            measurements.measured_on,

            -- lineage
            measurements.delivery_id,
            measurements.delivery_row
        from measurements
        inner join links on measurements.identity_key = links.identity_key
        inner join children on links.child_id = children.child_id
        left join
            puskesmas_names
            on measurements.puskesmas_name = puskesmas_names.puskesmas_name
    )

select *
from linked
