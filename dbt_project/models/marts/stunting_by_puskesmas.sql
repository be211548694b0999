with
    counted as (select * from {{ ref("int_area_months_counted") }}),

    puskesmas as (select * from {{ ref("ref_puskesmas") }}),

    dated as (select * from {{ ref("int_months_dated") }}),

    rolled as (
        select puskesmas_code, month, {{ prevalence_columns() }}
        from counted
        group by puskesmas_code, month
    ),

    named as (
        select
            rolled.*,
            coalesce(puskesmas.puskesmas_name, 'tidak diketahui') as puskesmas_name,
            dated.oldest_input_as_of
        from rolled
        inner join dated on rolled.month = dated.month
        left join puskesmas on rolled.puskesmas_code = puskesmas.puskesmas_code
    )

select *
from named
