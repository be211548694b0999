-- Of each area and quarter and each service, how many households are due it, lack it
-- for a member at least, or leave it unknown.
with
    areas as (select * from {{ ref("int_convergence_areas") }}),

    services as (select * from {{ ref("int_thousand_day_services") }}),

    by_household as (
        select
            household_key,
            quarter,
            service,
            bool_or(state = 'lacking') as is_lacking,
            bool_or(state = 'unknown') as is_unknown
        from services
        group by household_key, quarter, service
    ),

    counted as (
        select
            areas.area_level,
            areas.area_code,
            areas.quarter,
            by_household.service,
            count(*) as households_due,
            count(*) filter (where by_household.is_lacking) as households_lacking,
            count(*) filter (
                where by_household.is_unknown and not by_household.is_lacking
            ) as households_unknown
        from areas
        inner join by_household using (household_key, quarter)
        group by areas.area_level, areas.area_code, areas.quarter, by_household.service
    )

select *
from counted
