-- The figures of desa_priority are those of stunting_by_desa and stunting_risk in its
-- month, for every desa that has a child due.
with
    priority as (select * from {{ ref("desa_priority") }}),

    desa as (
        select *
        from {{ ref("stunting_by_desa") }}
        where desa_code <> 'unknown' and month = (select max(month) from priority)
    ),

    risk as (
        select desa_code, count(*) filter (where risk_band = 'high') as high_risk
        from {{ ref("stunting_risk") }}
        where month = (select max(month) from priority)
        group by desa_code
    )

select desa.desa_code
from desa
left join risk using (desa_code)
full outer join priority on desa.desa_code = priority.desa_code
where
    desa.due is distinct from priority.due
    or desa.measured is distinct from priority.measured
    or desa.stunted is distinct from priority.stunted
    or risk.high_risk is distinct from priority.high_risk
