-- Families of each desa in their newest quarter: at risk of stunting (KRS) as BKKBN
-- gives it, and households of the first thousand days with every service due, whose
-- share lies between two ends where services are unknown
-- (int_thousand_day_convergence).
with
    families as (select * from {{ ref("int_krs_families") }}),

    households as (select * from {{ ref("int_thousand_day_convergence") }}),

    at_risk as (
        select
            desa_code,
            max(as_of) as krs_as_of,
            100e0
            * count(*) filter (where is_at_risk)
            / nullif(count(is_at_risk), 0) as krs_pct
        from families
        where quarter = (select max(quarter) from families)
        group by desa_code
    ),

    converged as (
        select
            desa_code,
            min(source_as_of) as converged_as_of,
            100e0
            * count(*) filter (where is_converged)
            / count(*) as converged_low_pct,
            100e0
            * count(*) filter (where is_converged is not false)
            / count(*) as converged_high_pct
        from households
        where quarter = (select max(quarter) from households)
        group by desa_code
    )

select *
from at_risk
full outer join converged using (desa_code)
where desa_code is not null
