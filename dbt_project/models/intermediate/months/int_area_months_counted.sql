-- The one base of every roll-up: each child due in a month, in exactly one desa and one
-- puskesmas, unknown written out, so that the totals of both hierarchies agree.
with
    child_months as (select * from {{ ref("int_child_months") }}),

    status as (select * from {{ ref("int_child_month_status") }}),

    desa as (select desa_code, kecamatan_code from {{ ref("ref_desa") }}),

    counted as (
        select
            child_months.month,
            coalesce(child_months.desa_code, 'unknown') as desa_code,
            coalesce(desa.kecamatan_code, 'unknown') as kecamatan_code,
            coalesce(child_months.puskesmas_code, 'unknown') as puskesmas_code,
            count(*) as due,
            count(status.child_id) as measured,
            count(status.haz) as height_valid,
            count(*) filter (where status.haz < -2) as stunted,
            count(*) filter (where status.haz < -3) as severely_stunted,
            count(status.waz) as weight_valid,
            count(*) filter (where status.waz < -2) as underweight,
            count(status.whz) as weight_height_valid,
            count(*) filter (where status.whz < -2) as wasted,
            count(*) filter (where status.whz < -3) as severely_wasted,
            count(*) filter (where status.is_flagged) as flagged
        from child_months
        left join
            status
            on child_months.child_id = status.child_id
            and child_months.month = status.month
        left join desa on child_months.desa_code = desa.desa_code
        group by 1, 2, 3, 4
    )

select *
from counted
