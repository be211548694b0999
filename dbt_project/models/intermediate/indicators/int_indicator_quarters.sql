-- A quarter counts once the Dinkes has delivered for its last month: until then it is
-- not over.
with
    months as (select * from {{ ref("int_months") }}),

    quarters as (
        select
            month, {{ quarter_of("month") }} as quarter, month_end_on as quarter_end_on
        from months
        where month(month) % 3 = 0
    )

select *
from quarters
