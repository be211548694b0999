-- Weighing and stunting of a quarter are those of its last month, as in
-- stunting_by_desa.
with
    counted as (select * from {{ ref("int_area_months_counted") }}),

    quarters as (select * from {{ ref("int_indicator_quarters") }}),

    grouped as (
        select
            counted.desa_code,
            counted.kecamatan_code,
            quarters.quarter,
            sum(counted.due) as due,
            sum(counted.measured) as measured,
            sum(counted.height_valid) as height_valid,
            sum(counted.stunted) as stunted,
            max(quarters.quarter_end_on) as as_of
        from counted
        inner join quarters on counted.month = quarters.month
        group by counted.desa_code, counted.kecamatan_code, quarters.quarter
    )

select *
from grouped
