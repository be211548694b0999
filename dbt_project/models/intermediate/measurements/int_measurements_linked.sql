with
    measurements as (select * from {{ ref("stg_dinkes__measurements") }}),

    links as (select * from {{ ref("int_child_links") }} where agency = 'dinkes'),

    children as (select * from {{ ref("int_children") }}),

    puskesmas_names as (select * from {{ ref("int_puskesmas_names") }}),

    desa_names as (select * from {{ ref("int_desa_names") }}),

    linked as (
        select
            -- ids
            links.child_id,
            children.sex,
            puskesmas_names.puskesmas_code,
            -- where it was weighed, which need not be where the child lives
            desa_names.desa_code as posyandu_desa_code,
            {{ posyandu_key("measurements.posyandu_name") }} as posyandu_name,

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
            -- the child stands on the lists in two writings, and each was weighed: the
            -- one sent first is its own
            first_value(measurements.identity_key) over (
                partition by links.child_id, {{ month_of("measurements.measured_on") }}
                order by
                    measurements.measured_on,
                    measurements.received_at nulls last,
                    measurements.delivery_id nulls last,
                    measurements.delivery_row nulls last
            )
            <> measurements.identity_key as is_second_writing,

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
        left join
            desa_names
            on measurements.kecamatan_name = desa_names.kecamatan_name
            and measurements.desa_name = desa_names.desa_name
    )

select *
from linked
