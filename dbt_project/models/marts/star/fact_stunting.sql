with
    counted as (select * from {{ ref("stunting_by_desa") }}),

    desa as (select desa_code, puskesmas_code from {{ ref("dim_desa") }})

select
    counted.desa_code,
    counted.kecamatan_code,
    desa.puskesmas_code,
    counted.month,
    counted.due,
    counted.measured,
    counted.coverage_pct,
    counted.height_valid,
    counted.stunted,
    counted.severely_stunted,
    counted.stunted_pct,
    counted.severely_stunted_pct,
    counted.weight_valid,
    counted.underweight,
    counted.underweight_pct,
    counted.weight_height_valid,
    counted.wasted,
    counted.severely_wasted,
    counted.wasted_pct,
    counted.flagged,
    counted.oldest_input_as_of
from counted
left join desa on counted.desa_code = desa.desa_code
