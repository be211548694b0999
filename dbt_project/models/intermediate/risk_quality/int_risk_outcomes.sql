-- The children of each window (int_risk_windows), with their points then and whether
-- they are a case. Of an incident window are the children whose latest valid height,
-- no older than the horizon, was not stunted in the month of the score, and who have a
-- later one. Who turned five or was not measured again is not counted: nothing is known
-- of it.
with
    windows as (select * from {{ ref("int_risk_windows") }}),

    child_months as (
        select child_id, month, age_months, sex, desa_code
        from {{ ref("int_child_months") }}
    ),

    growth as (
        select child_id, month, height_month, last_haz
        from {{ ref("int_child_months_carried") }}
        where height_month is not null
    ),

    factors as (select * from {{ ref("int_child_risk_factors") }}),

    scores as (select * from {{ ref("int_risk_profile_scores") }}),

    desa as (select desa_code, kecamatan_code from {{ ref("ref_desa") }}),

    kecamatan as (select * from {{ ref("ref_kecamatan") }}),

    outcomes as (
        select
            windows.design,
            windows.period,
            windows.score_month,
            windows.outcome_month,
            later.child_id,
            later.last_haz < -2 as is_case
        from windows
        inner join growth as later on windows.outcome_month = later.month
        left join
            growth as earlier
            on later.child_id = earlier.child_id
            and windows.score_month = earlier.month
        where
            (windows.design = 'prevalent' and later.height_month = windows.score_month)
            or (
                windows.design = 'incident'
                and later.height_month > windows.score_month
                and earlier.last_haz >= -2
                and earlier.height_month
                > {{ horizons_before("windows.score_month", 1) }}
            )
    ),

    described as (
        select
            outcomes.*,
            child_months.sex,
            case
                when child_months.age_months < 24 then '0-23 bulan' else '24-59 bulan'
            end as age_group,
            case
                when factors.decile_1_4
                then 'desil 1-4'
                when not factors.decile_1_4
                then 'desil 5-10'
                else 'tidak diketahui'
            end as welfare_group,
            coalesce(kecamatan.kecamatan_name, 'tidak diketahui') as kecamatan_name,
            scores.risk_points,
            scores.family_points,
            scores.completeness
        from outcomes
        inner join
            child_months
            on outcomes.child_id = child_months.child_id
            and outcomes.score_month = child_months.month
        inner join
            factors
            on outcomes.child_id = factors.child_id
            and outcomes.score_month = factors.month
        inner join scores on factors.risk_profile = scores.risk_profile
        left join desa on child_months.desa_code = desa.desa_code
        left join kecamatan on desa.kecamatan_code = kecamatan.kecamatan_code
    )

select *
from described
