with
    counted as (select * from {{ ref("int_area_months_counted") }}),

    severity as (select * from {{ ref("ref_severity_classes") }}),

    rolled as (
        select '36.04' as kabupaten_code, month, {{ prevalence_columns() }}
        from counted
        group by month
    ),

    named as (
        select rolled.*, severity.class_name as stunting_severity
        from rolled
        left join
            severity
            on rolled.stunted_pct >= severity.lower_pct
            and rolled.stunted_pct < severity.upper_pct
    )

select *
from named
