-- The one base of every roll-up: each child due in a month, in exactly one desa and one
-- puskesmas, unknown written out, so that the totals of both hierarchies agree.
with
    child_months as (select * from {{ ref("int_child_months") }}),

    measured as (select * from {{ ref("int_child_months_measured") }}),

    desa as (select desa_code, kecamatan_code from {{ ref("ref_desa") }}),

    counted as (
        select
            child_months.month,
            coalesce(child_months.desa_code, 'unknown') as desa_code,
            coalesce(desa.kecamatan_code, 'unknown') as kecamatan_code,
            coalesce(child_months.puskesmas_code, 'unknown') as puskesmas_code,
            count(*) as due,
            count(measured.child_id) as measured,
            count(measured.haz) as height_valid,
            count(*) filter (where measured.is_stunted) as stunted,
            count(*) filter (where measured.is_severely_stunted) as severely_stunted,
            count(measured.waz) as weight_valid,
            count(*) filter (where measured.is_underweight) as underweight,
            count(measured.whz) as weight_height_valid,
            count(*) filter (where measured.is_wasted) as wasted,
            count(*) filter (where measured.is_severely_wasted) as severely_wasted,
            count(*) filter (where measured.is_flagged) as flagged
        from child_months
        left join
            measured
            on child_months.child_id = measured.child_id
            and child_months.month = measured.month
        left join desa on child_months.desa_code = desa.desa_code
        group by 1, 2, 3, 4
    )

select *
from counted
