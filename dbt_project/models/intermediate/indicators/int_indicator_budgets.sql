-- Budget and spending of an indicator in the list of a quarter, all sub-activities
-- together. When this list lacks a sub-activity that another list of the year has, the
-- sum is unknown: the row went back to the agency or was forgotten. An indicator that
-- no list of the year has, has no money. Known error that stays: a code mistyped all
-- year.
with
    budgets as (select * from {{ ref("stg_bappeda__budgets") }}),

    indicators as (select indicator_id from {{ ref("indicators") }}),

    agencies as (select * from {{ ref("ref_agencies") }}),

    ranked as (
        select
            budgets.*,
            {{ quarter_of("budgets.counted_on") }} as quarter,
            agencies.short_name,
            {{
                latest_rank(
                    [
                        "indicator_id",
                        "sub_activity_code",
                        "budgets.agency",
                        "counted_on",
                    ]
                )
            }} as recency
        from budgets
        left join agencies on budgets.agency = agencies.agency
    ),

    listed as (
        select
            indicator_id,
            quarter,
            cast(sum(budget_rp) as bigint) as budget_rp,
            cast(sum(spent_rp) as bigint) as spent_rp,
            count(*) as sub_activities,
            {{ joined("distinct short_name", ", ", "short_name") }} as spending_agencies
        from ranked
        where recency = 1
        group by indicator_id, quarter
    ),

    lists as (select distinct quarter from listed),

    years as (
        select
            indicator_id,
            year(quarter) as year,
            count(distinct sub_activity_code || agency) as sub_activities
        from ranked
        group by indicator_id, year(quarter)
    ),

    joined as (
        select
            indicators.indicator_id,
            lists.quarter,
            case
                when years.year is null
                then 0
                when listed.sub_activities = years.sub_activities
                then listed.budget_rp
            end as budget_rp,
            case
                when years.year is null
                then 0
                when listed.sub_activities = years.sub_activities
                then listed.spent_rp
            end as spent_rp,
            coalesce(listed.sub_activities, 0) as sub_activities,
            listed.spending_agencies
        from indicators
        cross join lists
        left join listed using (indicator_id, quarter)
        left join
            years
            on indicators.indicator_id = years.indicator_id
            and year(lists.quarter) = years.year
    )

select *
from joined
