with
    counted as (select * from {{ ref("int_area_months_counted") }}),

    kecamatan as (select * from {{ ref("ref_kecamatan") }}),

    dated as (select * from {{ ref("int_months_dated") }}),

    rolled as (
        select kecamatan_code, month, {{ prevalence_columns() }}
        from counted
        group by kecamatan_code, month
    ),

    named as (
        select
            rolled.*,
            coalesce(kecamatan.kecamatan_name, 'tidak diketahui') as kecamatan_name,
            dated.oldest_input_as_of
        from rolled
        inner join dated on rolled.month = dated.month
        left join kecamatan on rolled.kecamatan_code = kecamatan.kecamatan_code
    )

select *
from named
