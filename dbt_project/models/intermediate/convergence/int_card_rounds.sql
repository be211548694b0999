-- What BKKBN's latest round up to a quarter's end says of a family card. A card two of
-- its families share is at risk when one is, and accompanied when each at risk is; not
-- known while a family of which BKKBN says nothing could settle it.
with
    quarters as (select * from {{ ref("int_thousand_day_quarters") }}),

    families as (select * from {{ ref("int_krs_families") }} where no_kk is not null),

    rounds as (select distinct as_of from families),

    in_force as (
        select quarters.quarter, max(rounds.as_of) as as_of
        from quarters
        inner join rounds on rounds.as_of <= quarters.quarter_end_on
        group by quarters.quarter
    ),

    grouped as (
        select
            families.no_kk,
            in_force.quarter,
            in_force.as_of as round_as_of,
            {{ one_is("families.is_at_risk") }} as is_family_at_risk,
            {{ all_are("(families.is_accompanied or not families.is_at_risk)") }}
            as is_accompanied,
            {{ all_are("(not families.is_water_unfit)") }} as has_fit_water,
            {{ all_are("(not families.is_latrine_unfit)") }} as has_fit_latrine
        from families
        inner join in_force on families.as_of = in_force.as_of
        group by families.no_kk, in_force.quarter, in_force.as_of
    )

select *
from grouped
