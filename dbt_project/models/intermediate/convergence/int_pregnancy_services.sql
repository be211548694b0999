-- What a pregnant woman is due by ref_services, as the list of the quarter has it. What
-- the schedule does not yet expect is not due; an arm not measured leaves open whether
-- extra food is.
with
    members as (
        select *
        from {{ ref("int_thousand_day_members") }}
        where member_kind = 'pregnant'
    ),

    pregnancies as (select * from {{ ref("stg_dinkes__pregnancies") }}),

    schedule as (select * from {{ ref("ref_pregnancy_schedule") }}),

    women as (
        select
            members.household_key,
            members.member_key,
            members.quarter,
            members.quarter_end_on,
            pregnancies.antenatal_visits,
            pregnancies.iron_tablets,
            pregnancies.muac_cm,
            pregnancies.is_given_extra_food,
            {{
                dbt.datediff(
                    "pregnancies.last_menstruation_on",
                    "members.quarter_end_on",
                    "day",
                )
            }} / 7.0e0 as weeks
        from members
        inner join
            pregnancies
            on members.member_key = pregnancies.pregnancy_key
            and members.quarter_end_on = pregnancies.as_of
    ),

    expected as (
        select
            women.member_key,
            women.quarter,
            schedule.service,
            max(schedule.expected) as expected
        from women
        inner join schedule on women.weeks >= schedule.from_week
        group by women.member_key, women.quarter, schedule.service
    ),

    judged as (
        select
            women.household_key,
            women.member_key,
            women.quarter,
            expected.service,
            true as is_due,
            case
                expected.service
                when 'antenatal_visits'
                then women.antenatal_visits
                when 'iron_tablets'
                then women.iron_tablets
            end
            >= expected.expected as is_received,
            women.quarter_end_on as source_as_of
        from women
        inner join expected using (member_key, quarter)
        union all
        select
            household_key,
            member_key,
            quarter,
            'extra_food' as service,
            muac_cm < {{ service_threshold("extra_food") }} as is_due,
            is_given_extra_food as is_received,
            quarter_end_on as source_as_of
        from women
    )

select *
from judged
