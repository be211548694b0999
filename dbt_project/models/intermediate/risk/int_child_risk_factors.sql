-- Each factor of risk_points as true, false or unknown (null), with the agency that
-- says so and since when. Nothing here may come from a measurement of the child's body
-- after birth: a score that knew the height would only repeat it.
with
    child_months as (select * from {{ ref("int_child_months") }}),

    children as (select * from {{ ref("int_children") }}),

    households as (select * from {{ ref("int_child_month_households") }}),

    joined as (
        select
            child_months.child_id,
            child_months.month,
            child_months.age_months,
            child_months.sex,
            children.born_on_agency,
            children.birth_weight_kg,
            children.birth_weight_month,
            households.snapshot_as_of,
            households.decile_low,
            households.decile_high,
            households.under_fives,
            households.mother_education_code,
            households.has_improved_water,
            households.latrine_level
            in ('improper', 'open_defecation') as is_latrine_bad,
            coalesce(
                households.latrine_agency, households.water_agency
            ) as sanitation_agency,
            households.survey_month
        from child_months
        inner join children on child_months.child_id = children.child_id
        -- a child without a family card has no household data, and says so
        left join
            households
            on child_months.child_id = households.child_id
            and child_months.month = households.month
    ),

    factors as (
        select
            child_id,
            month,

            birth_weight_kg < 2.5 as low_birth_weight,
            case
                when birth_weight_kg is not null then 'dinkes'
            end as low_birth_weight_agency,
            case
                when birth_weight_kg is not null then birth_weight_month
            end as low_birth_weight_month,

            is_latrine_bad and not has_improved_water as bad_latrine_and_unfit_water,
            is_latrine_bad and coalesce(has_improved_water, true) as bad_latrine_only,
            sanitation_agency,
            case
                sanitation_agency
                when 'dinsos'
                then {{ month_of("snapshot_as_of") }}
                when 'perkim'
                then survey_month
            end as sanitation_month,

            age_months between 12 and 23 as age_12_23_months,
            sex = 'L' as boy,
            born_on_agency as identity_agency,

            case
                when decile_high <= 4 then true when decile_low >= 5 then false
            end as decile_1_4,
            mother_education_code <= 1 as mother_primary_school_or_less,
            under_fives >= 3 as three_or_more_under_fives,
            case when snapshot_as_of is not null then 'dinsos' end as welfare_agency,
            snapshot_as_of as welfare_as_of
        from joined
    ),

    profiled as (
        select
            *,
            {{
                risk_profile(
                    [
                        "low_birth_weight",
                        "bad_latrine_and_unfit_water",
                        "bad_latrine_only",
                        "age_12_23_months",
                        "boy",
                        "decile_1_4",
                        "mother_primary_school_or_less",
                        "three_or_more_under_fives",
                    ]
                )
            }} as risk_profile
        from factors
    )

select *
from profiled
