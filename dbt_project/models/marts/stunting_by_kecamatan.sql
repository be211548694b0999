with
    counted as (select * from {{ ref("int_area_months_counted") }}),

    severity as (select * from {{ ref("ref_severity_classes") }}),

    kecamatan as (select * from {{ ref("ref_kecamatan") }}),

    rolled as (
        select kecamatan_code, month, {{ prevalence_columns() }}
        from counted
        group by kecamatan_code, month
    ),

    named as (
        select
            rolled.*,
            coalesce(kecamatan.kecamatan_name, 'tidak diketahui') as kecamatan_name,
            severity.class_name as stunting_severity
        from rolled
        left join kecamatan on rolled.kecamatan_code = kecamatan.kecamatan_code
        left join
            severity
            on rolled.stunted_pct >= severity.lower_pct
            and rolled.stunted_pct < severity.upper_pct
    )

select *
from named
