with
    counted as (select * from {{ ref("int_area_months_counted") }}),

    severity as (select * from {{ ref("ref_severity_classes") }}),

    rolled as (
        select '36.04' as kabupaten_code, month, {{ prevalence_columns() }}
        from counted
        group by month
    ),

    named as (
        select
            rolled.kabupaten_code,
            rolled.month,
            rolled.due,
            rolled.measured,
            rolled.measured_pct,
            rolled.height_valid,
            rolled.stunted,
            rolled.severely_stunted,
            rolled.stunted_pct,
            rolled.severely_stunted_pct,
            rolled.weight_valid,
            rolled.underweight,
            rolled.underweight_pct,
            rolled.weight_height_valid,
            rolled.wasted,
            rolled.severely_wasted,
            rolled.wasted_pct,
            rolled.flagged,
            severity.class_name as stunting_severity
        from rolled

        left join
            severity
            on rolled.stunted_pct >= severity.lower_pct
            and rolled.stunted_pct < severity.upper_pct
    )

select *
from named
