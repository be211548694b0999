-- WHO Child Growth Standards: z-scores and plausibility flags.
-- haz length/height-for-age, waz weight-for-age, whz weight-for-length/height,
-- baz BMI-for-age, acz MUAC-for-age, hcz head circumference-for-age.
with
    measurements as (select * from {{ ref("int_measurements_corrected") }}),

    who_by_age as (select * from {{ ref("int_who_by_age") }}),

    who_by_length as (select * from {{ ref("int_who_by_length") }}),

    -- A measure of zero or less is a missing one. The water of oedema is weighed too:
    -- with oedema there is no score that rests on weight.
    usable as (
        select
            measurement_id,
            corrected_height_cm,
            bmi,
            who_age_key,
            who_length_key,
            share_of_length_step,
            case when corrected_height_cm > 0 then corrected_height_cm end as height_y,
            case when weight_kg > 0 and not has_oedema then weight_kg end as weight_y,
            case when not has_oedema then bmi end as bmi_y,
            case when muac_cm > 0 then muac_cm end as muac_y,
            case when head_cm > 0 then head_cm end as head_y
        from measurements
    ),

    -- By age the row of the day is used as it is; by length M and S are interpolated
    -- between the 0.1 cm rows (L is the same in all rows of one sex). No row, no score.
    looked_up as (
        select
            usable.*,
            who_by_age.lhfa_l,
            who_by_age.lhfa_m,
            who_by_age.lhfa_s,
            who_by_age.wfa_l,
            who_by_age.wfa_m,
            who_by_age.wfa_s,
            who_by_age.bmifa_l,
            who_by_age.bmifa_m,
            who_by_age.bmifa_s,
            who_by_age.acfa_l,
            who_by_age.acfa_m,
            who_by_age.acfa_s,
            who_by_age.hcfa_l,
            who_by_age.hcfa_m,
            who_by_age.hcfa_s,
            who_by_length.l as wflh_l,
            who_by_length.m
            + usable.share_of_length_step * who_by_length.m_step as wflh_m,
            who_by_length.s
            + usable.share_of_length_step * who_by_length.s_step as wflh_s
        from usable
        -- left joins: a child too old, too long or of unknown sex keeps its row
        left join who_by_age on usable.who_age_key = who_by_age.who_age_key
        left join who_by_length on usable.who_length_key = who_by_length.who_length_key
    ),

    -- in a step of its own, so that the costly power is taken once per score
    scored as (
        select
            *,
            {{ who_z("height_y", "lhfa") }} as height_z,
            {{ who_z("weight_y", "wfa") }} as weight_z,
            {{ who_z("weight_y", "wflh") }} as weight_height_z,
            {{ who_z("bmi_y", "bmifa") }} as bmi_z,
            {{ who_z("muac_y", "acfa") }} as muac_z,
            {{ who_z("head_y", "hcfa") }} as head_z
        from looked_up
    ),

    -- Height and head circumference are not skewed and stay as they are. The score is
    -- the rounded one: everything later, flags and prevalence too, goes by it.
    rounded as (
        select
            measurement_id,
            corrected_height_cm,
            round(height_z, 2) as haz,
            round({{ who_restricted_z("weight_z", "weight_y", "wfa") }}, 2) as waz,
            round(
                {{ who_restricted_z("weight_height_z", "weight_y", "wflh") }}, 2
            ) as whz,
            round({{ who_restricted_z("bmi_z", "bmi_y", "bmifa") }}, 2) as baz,
            round({{ who_restricted_z("muac_z", "muac_y", "acfa") }}, 2) as acz,
            round(head_z, 2) as hcz
        from scored
    ),

    -- beyond these a slip of the scale, the tape or the pen is likelier than the child
    flagged as (
        select
            measurement_id,
            corrected_height_cm,
            haz,
            abs(haz) > 6 as is_haz_flagged,
            waz,
            waz < -6 or waz > 5 as is_waz_flagged,
            whz,
            abs(whz) > 5 as is_whz_flagged,
            baz,
            abs(baz) > 5 as is_baz_flagged,
            acz,
            abs(acz) > 5 as is_acz_flagged,
            hcz,
            abs(hcz) > 5 as is_hcz_flagged
        from rounded
    )

select *
from flagged
