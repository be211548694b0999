-- The long form of the profiles: what the score adds up and the reasons are read from.
with
    factors as (select * from {{ ref("int_child_risk_factors") }}),

    profiles as (
        select distinct
            risk_profile,
            low_birth_weight,
            bad_latrine_and_unfit_water,
            bad_latrine_only,
            age_12_23_months,
            boy,
            decile_1_4,
            mother_primary_school_or_less,
            three_or_more_under_fives
        from factors
    ),

    unpivoted as (
        select
            risk_profile, 'low_birth_weight' as factor, low_birth_weight as is_present
        from profiles
        union all
        select risk_profile, 'bad_latrine_and_unfit_water', bad_latrine_and_unfit_water
        from profiles
        union all
        select risk_profile, 'bad_latrine_only', bad_latrine_only
        from profiles
        union all
        select risk_profile, 'age_12_23_months', age_12_23_months
        from profiles
        union all
        select risk_profile, 'boy', boy
        from profiles
        union all
        select risk_profile, 'decile_1_4', decile_1_4
        from profiles
        union all
        select
            risk_profile, 'mother_primary_school_or_less', mother_primary_school_or_less
        from profiles
        union all
        select risk_profile, 'three_or_more_under_fives', three_or_more_under_fives
        from profiles
    )

select *
from unpivoted
