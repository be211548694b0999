with
    counted as (select * from {{ ref("int_area_months_counted") }}),

    desa as (select * from {{ ref("ref_desa") }}),

    kecamatan as (select * from {{ ref("ref_kecamatan") }}),

    dated as (select * from {{ ref("int_months_dated") }}),

    rolled as (
        select desa_code, kecamatan_code, month, {{ prevalence_columns() }}
        from counted
        group by desa_code, kecamatan_code, month
    ),

    named as (
        select
            rolled.*,
            coalesce(desa.desa_name, 'tidak diketahui') as desa_name,
            coalesce(kecamatan.kecamatan_name, 'tidak diketahui') as kecamatan_name,
            dated.oldest_input_as_of
        from rolled
        inner join dated on rolled.month = dated.month
        left join desa on rolled.desa_code = desa.desa_code
        left join kecamatan on rolled.kecamatan_code = kecamatan.kecamatan_code
    )

select *
from named
