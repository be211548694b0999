-- Whether a child was weighed in enough months of the quarter: in so many as
-- ref_services says, or in all it has lived through if these are fewer; due when it has
-- lived through one. A weighing in the month of its birth counts too. A month for which
-- its puskesmas delivered nothing is unknown, not missed.
with
    members as (
        select * from {{ ref("int_thousand_day_members") }} where member_kind = 'child'
    ),

    measured as (select child_id, month from {{ ref("int_child_months_measured") }}),

    measurements as (select * from {{ ref("stg_dinkes__measurements") }}),

    puskesmas_names as (select * from {{ ref("int_puskesmas_names") }}),

    delivered as (
        select distinct
            puskesmas_names.puskesmas_code, measurements.delivered_for_month as month
        from measurements
        inner join puskesmas_names using (puskesmas_name)
    ),

    ordinals as (
        select 0 as n
        union all
        select 1
        union all
        select 2
    ),

    lived as (
        select
            members.household_key,
            members.member_key,
            members.quarter,
            members.puskesmas_code,
            members.born_on,
            cast(
                {{ dbt.dateadd("month", "ordinals.n", "members.quarter") }} as date
            ) as month
        from members
        cross join ordinals
        where
            members.born_on
            <= last_day({{ dbt.dateadd("month", "ordinals.n", "members.quarter") }})
    ),

    counted as (
        select
            lived.household_key,
            lived.member_key,
            lived.quarter,
            count(*) filter (where lived.born_on < lived.month) as months,
            count(measured.month) as months_weighed,
            count(*) filter (
                where delivered.month is null and measured.month is null
            ) as months_unknown,
            max(last_day(lived.month)) filter (
                where delivered.month is not null
            ) as source_as_of
        from lived
        left join
            measured
            on lived.member_key = measured.child_id
            and lived.month = measured.month
        left join
            delivered
            on lived.puskesmas_code = delivered.puskesmas_code
            and lived.month = delivered.month
        group by lived.household_key, lived.member_key, lived.quarter
    ),

    judged as (
        select
            household_key,
            member_key,
            quarter,
            'growth_monitoring' as service,
            months > 0 as is_due,
            case
                when
                    months_weighed
                    >= least(months, {{ service_threshold("growth_monitoring") }})
                then true
                when
                    months_weighed + months_unknown
                    < least(months, {{ service_threshold("growth_monitoring") }})
                then false
            end as is_received,
            source_as_of
        from counted
    )

select *
from judged
