-- The six criteria of a family at risk (KRS) by our own records of its card at the
-- round: water and latrine from the social register, else the housing survey; the
-- wife's age and the births from the lists of people. What no record says is unknown.
with
    family_cards as (
        select * from {{ ref("int_bkkbn_family_cards") }} where no_kk is not null
    ),

    seeking as (
        select * from {{ ref("int_women_seeking_cards") }} where kind = 'family'
    ),

    sanitation as (select * from {{ ref("int_household_sanitation") }}),

    births as (select * from {{ ref("int_krs_births") }}),

    wives as (select * from {{ ref("int_woman_birth_dates") }}),

    described as (
        select
            family_cards.family_code,
            family_cards.as_of,
            family_cards.no_kk,
            coalesce(
                dtsen.has_improved_water, surveyed.has_improved_water
            ) as has_improved_water,
            coalesce(dtsen.latrine_level, surveyed.latrine_level) as latrine_level,
            {{ completed_years("wives.born_on", "family_cards.as_of") }} as wife_age,
            births.children_of_head,
            births.youngest_born_on,
            births.born_before_on
        from family_cards
        left join
            sanitation as dtsen
            on family_cards.no_kk = dtsen.no_kk
            and dtsen.agency = 'dinsos'
            and family_cards.as_of >= dtsen.as_of
            and family_cards.as_of < dtsen.valid_to
        left join
            sanitation as surveyed
            on family_cards.no_kk = surveyed.no_kk
            and surveyed.agency = 'perkim'
            and family_cards.as_of >= surveyed.as_of
            and family_cards.as_of < surveyed.valid_to
        left join
            seeking
            on family_cards.family_code = seeking.seeker
            and family_cards.as_of = seeking.as_of
        left join wives on seeking.writing_key = wives.writing_key
        left join
            births
            on family_cards.no_kk = births.no_kk
            and family_cards.as_of = births.as_of
    ),

    judged as (
        select
            family_code,
            as_of,
            no_kk,
            wife_age between {{ krs("couple_age_from") }} and {{ krs("couple_age_to") }}
            or coalesce(
                {{
                    is_under_months(
                        dbt.datediff("youngest_born_on", "as_of", "day"),
                        krs("child_under_months"),
                    )
                }},
                case when children_of_head = 0 then false end
            ) as is_target,
            not has_improved_water as is_water_unfit,
            latrine_level in ('improper', 'open_defecation') as is_latrine_unfit,
            wife_age < {{ krs("too_young_under") }} as is_too_young,
            wife_age
            between {{ krs("too_old_from") }} and {{ krs("too_old_to") }} as is_too_old,
            case
                when children_of_head is not null
                then
                    coalesce(
                        {{
                            is_under_months(
                                dbt.datediff(
                                    "born_before_on", "youngest_born_on", "day"
                                ),
                                krs("too_close_under_months"),
                            )
                        }},
                        false
                    )
            end as is_too_close,
            children_of_head >= {{ krs("too_many_from") }} as is_too_many
        from described
    )

select *
from judged
