-- The aid list in force at the end of the month: the latest one not after it. Not on
-- that list: no aid ('-'). No list yet, or no family card: unknown.
with
    households as (
        select child_id, month, no_kk from {{ ref("int_child_month_households") }}
    ),

    months as (select * from {{ ref("int_months") }}),

    aid as (select * from {{ ref("int_household_aid") }}),

    lists as (select distinct as_of from aid),

    in_force as (
        select months.month, max(lists.as_of) as as_of
        from months
        inner join lists on lists.as_of <= months.month_end_on
        group by months.month
    ),

    joined as (
        select
            households.child_id,
            households.month,
            coalesce(aid.programmes, '-') as aid_programmes,
            in_force.as_of as aid_as_of
        from households
        inner join in_force on households.month = in_force.month
        left join aid on households.no_kk = aid.no_kk and in_force.as_of = aid.as_of
    )

select *
from joined
