with
    measurements as (select * from {{ ref("stg_dinkes__measurements") }}),

    desa_names as (select * from {{ ref("int_desa_names") }}),

    grouped as (
        select
            identity_key,
            family_no_kk as no_kk,
            sex,
            kecamatan_name,
            desa_name,
            {{ told_last("puskesmas_name", "measured_on") }} as puskesmas_name,
            {{ told_last("birth_weight_kg", "measured_on") }} as birth_weight_kg,
            min(measured_on) filter (
                where birth_weight_kg is not null
            ) as birth_weight_written_on,
            born_on,
            min(measured_on) as first_seen_on,
            max(measured_on) as last_seen_on
        from measurements
        -- as in int_child_records: the key alone says which
        group by all
    ),

    placed as (
        select
            grouped.*,
            desa_names.desa_code,
            {{ month_of("grouped.birth_weight_written_on") }} as birth_weight_month
        from grouped
        left join desa_names using (kecamatan_name, desa_name)
    )

select *
from placed
