-- A month counts once the Dinkes has delivered for it. A date typed into another year
-- makes no month of its own.
with
    measurements as (select * from {{ ref("stg_dinkes__measurements") }}),

    months as (select distinct delivered_for_month as month from measurements),

    dated as (select month, last_day(month) as month_end_on from months)

select *
from dated
