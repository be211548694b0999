-- Whether a child has every dose due at its age (ref_immunisation_schedule) at the
-- quarter's end. A dose without a date is lacking once it would have been entered even
-- if late, by the last list that names the child; before, and for a child on no list,
-- it is unknown: a gap in reporting is no gap in service.
with
    members as (
        select * from {{ ref("int_thousand_day_members") }} where member_kind = 'child'
    ),

    immunisations as (select * from {{ ref("int_child_immunisations") }}),

    schedule as (select * from {{ ref("ref_immunisation_schedule") }}),

    due as (
        select
            members.household_key,
            members.member_key,
            members.quarter,
            members.quarter_end_on,
            schedule.dose,
            immunisations.listed_until,
            cast(
                {{
                    dbt.dateadd(
                        "month",
                        "schedule.due_age_months + schedule.late_entry_months",
                        "members.born_on",
                    )
                }} as date
            ) as entered_until,
            case
                schedule.dose
                when 'hb0'
                then immunisations.hb0_on
                when 'bcg'
                then immunisations.bcg_on
                when 'polio4'
                then immunisations.polio4_on
                when 'dpt3'
                then immunisations.dpt3_on
                when 'ipv'
                then immunisations.ipv_on
                when 'mr1'
                then immunisations.mr1_on
            end as given_on
        from members
        inner join
            schedule
            on {{
                completed_months(
                    dbt.datediff("members.born_on", "members.quarter_end_on", "day")
                )
            }} >= schedule.due_age_months
        left join immunisations on members.member_key = immunisations.child_id
    ),

    doses as (
        select
            *,
            case
                when given_on <= quarter_end_on
                then true
                when given_on > quarter_end_on or entered_until <= listed_until
                then false
            end as is_given
        from due
    ),

    judged as (
        select
            household_key,
            member_key,
            quarter,
            'immunisation' as service,
            true as is_due,
            case
                when bool_or(not is_given)
                then false
                when count(is_given) = count(*)
                then true
            end as is_received,
            case
                when max(listed_until) is not null
                then least(max(listed_until), max(quarter_end_on))
            end as source_as_of
        from doses
        group by household_key, member_key, quarter
    )

select *
from judged
