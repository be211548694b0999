with
    child_months as (select * from {{ ref("int_child_months") }}),

    statuses as (select * from {{ ref("int_child_month_statuses_carried") }}),

    factors as (select * from {{ ref("int_child_risk_factors") }}),

    scores as (select * from {{ ref("int_risk_profile_scores") }}),

    aid as (select * from {{ ref("int_child_month_aid") }}),

    contexts as (select * from {{ ref("int_desa_contexts") }}),

    desa as (select desa_code, kecamatan_code from {{ ref("ref_desa") }}),

    joined as (
        select
            -- ids
            child_months.child_id,
            child_months.month,
            coalesce(child_months.desa_code, 'unknown') as desa_code,
            coalesce(desa.kecamatan_code, 'unknown') as kecamatan_code,
            coalesce(child_months.puskesmas_code, 'unknown') as puskesmas_code,
            child_months.age_months,
            child_months.sex,

            -- growth
            statuses.is_measured,
            statuses.is_flagged,
            statuses.has_oedema,
            statuses.height_month,
            statuses.haz,
            {{ height_for_age_class("statuses.haz") }} as height_for_age,
            statuses.weight_month,
            statuses.waz,
            {{ weight_for_age_class("statuses.waz") }} as weight_for_age,
            statuses.whz,
            {{ weight_for_height_class("statuses.whz") }} as weight_for_height,
            statuses.baz,

            -- risk factors
            factors.low_birth_weight,
            factors.low_birth_weight_source,
            factors.low_birth_weight_as_of,
            factors.bad_latrine_and_unfit_water,
            factors.bad_latrine_only,
            factors.sanitation_source,
            factors.sanitation_as_of,
            factors.age_12_23_months,
            factors.boy,
            factors.identity_source,
            factors.decile_1_4,
            factors.mother_primary_school_or_less,
            factors.three_or_more_under_fives,
            factors.welfare_source,
            factors.welfare_as_of,

            -- risk score
            scores.risk_points,
            scores.completeness,
            scores.risk_band,
            scores.reason_1,
            scores.reason_2,
            scores.reason_3,
            scores.opd,

            -- aid received: coverage, never part of the score
            aid.aid_programmes,
            aid.aid_as_of,

            -- the desa, as context
            contexts.open_defecation_pct as desa_open_defecation_pct,
            contexts.open_defecation_as_of as desa_open_defecation_as_of,
            contexts.improved_water_pct as desa_improved_water_pct,
            contexts.improved_water_as_of as desa_improved_water_as_of
        from child_months
        inner join statuses using (child_id, month)
        inner join factors using (child_id, month)
        inner join scores on factors.risk_profile = scores.risk_profile
        left join aid using (child_id, month)
        left join desa on child_months.desa_code = desa.desa_code
        left join
            contexts
            on child_months.desa_code = contexts.desa_code
            and child_months.month = contexts.month
    )

select *
from joined
