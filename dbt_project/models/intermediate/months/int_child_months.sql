-- The children due: aged 0 to 59 completed months (WHO: under 1826.25 days) at the end
-- of the month and known to any register. A child who was found later was there before,
-- so it is due from its birth on; who moved away or died is not.
with
    children as (select * from {{ ref("int_children") }}),

    months as (select * from {{ ref("int_months") }}),

    due as (
        select
            children.child_id,
            months.month,
            months.month_end_on,
            {{ age_in_months("children.born_on", "months.month_end_on") }}
            as age_months,
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
