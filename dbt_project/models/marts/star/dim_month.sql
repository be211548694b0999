-- The months of the facts: those the Dinkes has delivered for, and the first month of
-- each quarter, under which the figures of a quarter stand. Years are texts, so that no
-- tool adds them up.
with
    months as (select month from {{ ref("int_months") }}),

    quarters as (select distinct quarter from {{ ref("opd_progress") }}),

    newest as (
        select
            (select max(month) from months) as month,
            (select max(quarter) from quarters) as quarter
    ),

    members as (
        select month
        from months
        union
        select quarter
        from quarters
    )

select
    members.month,
    {{ month_indonesian("members.month") }} as month_name,
    cast(year(members.month) as string) as year,
    {{ quarter_of("members.month") }} as quarter,
    {{ quarter_indonesian("members.month") }} as quarter_name,
    {{ semester_of("members.month") }} as semester,
    {{ semester_indonesian("members.month") }} as semester_name,
    coalesce(members.month = newest.month, false) as is_newest_month,
    coalesce(members.month = newest.quarter, false) as is_newest_quarter
from members
cross join newest
