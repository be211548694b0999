-- The desa from which a report is due: those in which a child is due in the quarter's
-- last month, so that a kabupaten that begins with some kecamatan is not measured by
-- all.
with
    child_months as (select desa_code, month from {{ ref("int_child_months") }}),

    quarters as (select * from {{ ref("int_indicator_quarters") }}),

    desa as (select desa_code, kecamatan_code from {{ ref("ref_desa") }}),

    due as (
        select distinct desa.desa_code, desa.kecamatan_code, quarters.quarter
        from child_months
        inner join quarters on child_months.month = quarters.month
        inner join desa on child_months.desa_code = desa.desa_code
    )

select *
from due
