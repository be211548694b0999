-- Drinking water and latrine of a household by the latest word on its family card not
-- after the quarter's end: the social register (DTSEN) first, where it is silent the
-- housing survey, then BKKBN. A household without a card is found in none: unknown.
with
    households as (select * from {{ ref("int_thousand_day_households") }}),

    sanitation as (select * from {{ ref("int_household_sanitation") }}),

    rounds as (select * from {{ ref("int_card_rounds") }}),

    described as (
        select
            households.household_key,
            households.quarter,
            case sanitation.agency when 'dinsos' then 1 else 2 end as place,
            sanitation.as_of,
            sanitation.has_improved_water as has_water,
            sanitation.latrine_level
            not in ('improper', 'open_defecation') as has_latrine
        from households
        inner join
            sanitation
            on households.no_kk = sanitation.no_kk
            and households.quarter_end_on >= sanitation.as_of
            and households.quarter_end_on < sanitation.valid_to
        union all
        select
            households.household_key,
            households.quarter,
            3 as place,
            rounds.round_as_of as as_of,
            rounds.has_fit_water as has_water,
            rounds.has_fit_latrine as has_latrine
        from households
        inner join rounds using (no_kk, quarter)
    ),

    chosen as (
        select
            household_key,
            quarter,
            min_by(has_water, place) filter (where has_water is not null) as has_water,
            min_by(as_of, place) filter (where has_water is not null) as water_as_of,
            min_by(has_latrine, place) filter (
                where has_latrine is not null
            ) as has_latrine,
            min_by(as_of, place) filter (where has_latrine is not null) as latrine_as_of
        from described
        group by household_key, quarter
    ),

    judged as (
        select
            households.household_key,
            households.quarter,
            'drinking_water' as service,
            true as is_due,
            chosen.has_water as is_received,
            chosen.water_as_of as source_as_of
        from households
        left join chosen using (household_key, quarter)
        union all
        select
            households.household_key,
            households.quarter,
            'latrine' as service,
            true as is_due,
            chosen.has_latrine as is_received,
            chosen.latrine_as_of as source_as_of
        from households
        left join chosen using (household_key, quarter)
    )

select *
from judged
