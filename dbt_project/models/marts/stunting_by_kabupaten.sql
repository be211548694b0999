with
    counted as (select * from {{ ref("int_area_months_counted") }}),

    kabupaten as (select * from {{ ref("ref_kabupaten") }}),

    dated as (select * from {{ ref("int_months_dated") }}),

    rolled as (select month, {{ prevalence_columns() }} from counted group by month),

    named as (
        select
            kabupaten.kabupaten_code,
            kabupaten.kabupaten_name,
            rolled.*,
            dated.oldest_input_as_of
        from rolled
        inner join dated on rolled.month = dated.month
        -- the seed has one row: a database is one kabupaten's
        cross join kabupaten
    )

select *
from named
