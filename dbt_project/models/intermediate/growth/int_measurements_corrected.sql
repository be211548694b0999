-- WHO Child Growth Standards: what is done to a measurement before any table is opened.
-- Every comparison below must do the right thing when the age is missing.
with
    measurements as (select * from {{ ref("int_measurements") }}),

    -- Two ages: days rounded half up choose the row of a table and the 24-month line;
    -- the 9-month and 60-month lines are drawn through the age as given.
    aged as (
        select
            measurement_id,
            case sex when 'L' then 1 when 'P' then 2 end as sex_code,
            floor(age_days + 0.5) as age_in_whole_days,
            age_days >= 0
            and {{ is_under_months("age_days", 60) }} as is_under_60_months,
            {{ is_under_months("age_days", 9) }} as is_under_9_months,
            weight_kg,
            height_cm,
            position,
            coalesce(has_oedema, false) as has_oedema,
            muac_cm,
            head_cm
        from measurements
    ),

    -- Standing before 9 months is disbelieved and counts as unknown. A child of unknown
    -- age keeps its position.
    positioned as (
        select
            *,
            case
                when position = 'standing' and is_under_9_months then null else position
            end as believed_position
        from aged
    ),

    -- A child lying down is 0.7 cm longer than standing: before day 731 the standards
    -- want length, from then on height. Unknown age or position: as measured.
    corrected as (
        select
            *,
            height_cm + case
                when age_in_whole_days < 731 and believed_position = 'standing'
                then 0.7
                when age_in_whole_days >= 731 and believed_position = 'lying'
                then -0.7
                else 0
            end as corrected_height_cm
        from positioned
    ),

    -- The table by length follows the age. Only a child of unknown age goes by its
    -- position, and only without that by its own length.
    tabled as (
        select
            *,
            coalesce(
                age_in_whole_days < 731,
                believed_position = 'lying',
                corrected_height_cm < 87
            ) as is_length_table
        from corrected
    ),

    -- Length 45-110 cm, height 65-120 cm, ends included: outside its own table a child
    -- has no score and never borrows the other table.
    bounded as (
        select
            *,
            case
                when is_length_table
                then corrected_height_cm between 45 and 110
                else corrected_height_cm between 65 and 120
            end as is_within_table
        from tabled
    ),

    keyed as (
        select
            measurement_id,
            weight_kg,
            corrected_height_cm,
            -- weight over the corrected height squared, never rounded
            case
                when weight_kg > 0 and corrected_height_cm > 0
                then
                    weight_kg
                    / ((corrected_height_cm / 100) * (corrected_height_cm / 100))
            end as bmi,
            has_oedema,
            muac_cm,
            head_cm,
            case
                when is_under_60_months
                then {{ who_age_key("sex_code", "age_in_whole_days") }}
            end as who_age_key,
            -- weight-for-length/height is the one score that can do without an age
            case
                when is_within_table and coalesce(is_under_60_months, true)
                then
                    {{
                        who_length_key(
                            "is_length_table",
                            "sex_code",
                            "floor(corrected_height_cm * 10)",
                        )
                    }}
            end as who_length_key,
            corrected_height_cm * 10
            - floor(corrected_height_cm * 10) as share_of_length_step
        from bounded
    )

select *
from keyed
