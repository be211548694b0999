-- The children due: aged 0 to 59 completed months (WHO: under 1826.25 days) at the end
-- of the month and known to any register. A child who was found later was there before,
-- so it is due from its birth on; who moved away or died is not. A late delivery
-- therefore changes old months too: it adds the children it names to all their months
-- and its weighings to the months they were made in. A release keeps what was known on
-- its night.
with
    children as (select * from {{ ref("int_children") }}),

    months as (select * from {{ ref("int_months") }}),

    due as (
        select
            children.child_id,
            months.month,
            months.month_end_on,
            {{
                completed_months(
                    dbt.datediff("children.born_on", "months.month_end_on", "day")
                )
            }} as age_months,
            children.sex,
            children.desa_code,
            children.puskesmas_code
        from children
        inner join
            months on {{ is_under_five("children.born_on", "months.month_end_on") }}
        where months.month_end_on < coalesce(children.left_on, date '9999-12-31')
    )

select *
from due
