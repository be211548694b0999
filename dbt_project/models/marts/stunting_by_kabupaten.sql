with
    counted as (select * from {{ ref("int_area_months_counted") }}),

    classes as (select * from {{ ref("ref_severity_classes") }}),

    kabupaten as (select * from {{ ref("ref_kabupaten") }}),

    dated as (select * from {{ ref("int_months_dated") }}),

    rolled as (select month, {{ prevalence_columns() }} from counted group by month),

    named as (
        select
            kabupaten.kabupaten_code,
            kabupaten.kabupaten_name,
            rolled.*,
            classes.severity as stunting_severity,
            classes.severity_indonesian as stunting_severity_indonesian,
            dated.oldest_input_as_of
        from rolled
        inner join dated on rolled.month = dated.month
        -- the seed has one row: a database is one kabupaten's
        cross join kabupaten
        left join
            classes
            on rolled.stunted_pct >= classes.lower_pct
            and rolled.stunted_pct < classes.upper_pct
    )

select *
from named
