-- What two marts publish is one number: stunting and weighing of a quarter are those of
-- its last month, and families at risk accompanied are those of krs_by_desa.
with
    progress as (
        select indicator_id, area_code as desa_code, quarter, numerator
        from {{ ref("opd_progress") }}
        where area_level = 'desa' and numerator is not null
    ),

    months as (
        select
            desa_code,
            cast(date_trunc('quarter', month) as date) as quarter,
            stunted,
            measured
        from {{ ref("stunting_by_desa") }}
        where month(month) % 3 = 0
    ),

    told_elsewhere as (
        select 'stunting' as indicator_id, desa_code, quarter, stunted as figure
        from months
        union all
        select 'pantau_tumbuh', desa_code, quarter, measured
        from months
        union all
        select 'krs_didampingi', desa_code, quarter, accompanied
        from {{ ref("krs_by_desa") }}
    )

select progress.*, told_elsewhere.figure
from progress
left join told_elsewhere using (indicator_id, desa_code, quarter)
where
    progress.indicator_id in ('stunting', 'pantau_tumbuh', 'krs_didampingi')
    and progress.numerator is distinct from told_elsewhere.figure
