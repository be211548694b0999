with
    counted as (select * from {{ ref("int_area_months_counted") }}),

    severity as (select * from {{ ref("ref_severity_classes") }}),

    puskesmas as (select * from {{ ref("ref_puskesmas") }}),

    rolled as (
        select puskesmas_code, month, {{ prevalence_columns() }}
        from counted
        group by puskesmas_code, month
    ),

    named as (
        select
            rolled.*,
            coalesce(puskesmas.puskesmas_name, 'tidak diketahui') as puskesmas_name,
            severity.class_name as stunting_severity
        from rolled
        left join puskesmas on rolled.puskesmas_code = puskesmas.puskesmas_code
        left join
            severity
            on rolled.stunted_pct >= severity.lower_pct
            and rolled.stunted_pct < severity.upper_pct
    )

select *
from named
