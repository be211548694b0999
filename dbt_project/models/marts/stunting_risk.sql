with
    child_months as (select * from {{ ref("int_child_months") }}),

    growth as (select * from {{ ref("int_child_months_carried") }}),

    height_changes as (select * from {{ ref("int_height_changes") }}),

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

            -- growth, of this month alone
            growth.is_measured,
            growth.is_flagged,
            growth.has_oedema,
            growth.is_stunted,
            growth.weight_gain_code,
            growth.is_2t,

            -- growth, latest known
            growth.height_month,
            growth.last_haz,
            {{ height_for_age_class("growth.last_haz") }} as last_height_for_age_class,
            height_changes.haz_change,
            height_changes.haz_change_since,
            height_changes.is_faltering,
            growth.weight_month,
            growth.last_waz,
            {{ weight_for_age_class("growth.last_waz") }} as last_weight_for_age_class,
            growth.last_whz,
            {{ weight_for_height_class("growth.last_whz") }}
            as last_weight_for_height_class,

            -- risk factors
            factors.low_birth_weight,
            factors.low_birth_weight_agency,
            factors.low_birth_weight_month,
            factors.bad_latrine_and_unfit_water,
            factors.bad_latrine_only,
            factors.sanitation_agency,
            factors.sanitation_month,
            factors.age_12_23_months,
            factors.boy,
            factors.identity_agency,
            factors.decile_1_4,
            factors.mother_primary_school_or_less,
            factors.three_or_more_under_fives,
            factors.welfare_agency,
            factors.welfare_as_of,

            -- risk score
            scores.risk_points,
            scores.family_points,
            scores.completeness,
            scores.risk_band,
            scores.reason_1,
            scores.reason_2,
            scores.reason_3,
            scores.acting_agencies,

            -- aid received: coverage, never part of the score
            aid.aid_programmes,
            aid.aid_as_of,

            -- the desa, as context
            contexts.open_defecation_pct as desa_open_defecation_pct,
            contexts.open_defecation_as_of as desa_open_defecation_as_of,
            contexts.improved_water_pct as desa_improved_water_pct,
            contexts.improved_water_as_of as desa_improved_water_as_of
        from child_months
        inner join growth using (child_id, month)
        left join
            height_changes
            on growth.child_id = height_changes.child_id
            and growth.height_on = height_changes.measured_on
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
