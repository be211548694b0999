-- The lowest tier of opd_progress, with the same cells: all that no desa is known of is
-- one row, of the kecamatan unknown. In which kecamatan it is counted, opd_progress
-- says; a row of each would publish counts that no other table has.
with
    progress as (select * from {{ ref("opd_progress") }} where area_level = 'desa'),

    desa as (
        select desa_code, kecamatan_code, puskesmas_code from {{ ref("dim_desa") }}
    )

select
    progress.indicator_id,
    progress.agency,
    progress.area_code as desa_code,
    desa.kecamatan_code,
    desa.puskesmas_code,
    progress.quarter as month,
    progress.unit,
    progress.numerator,
    progress.denominator,
    progress.coverage_pct,
    progress.target_pct,
    progress.record_grain,
    progress.records_known,
    progress.records_due,
    progress.completeness,
    progress.source_as_of
from progress
left join desa on progress.area_code = desa.desa_code
