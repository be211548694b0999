-- How old the figures of a month are: the oldest of the month's own end and the newest
-- period that each feed of persons (contract: persons) was loaded for. Who is due comes
-- from all these feeds, so a register that stopped coming makes every figure older; one
-- that never came is not rested on.
with
    months as (select * from {{ ref("int_months") }}),

    deliveries as (
        select * from {{ ref("stg_audit__deliveries") }} where status = 'loaded'
    ),

    read_from as (select distinct delivery_id from {{ ref("int_persons") }}),

    feeds_of_persons as (
        select distinct deliveries.agency, deliveries.dataset
        from read_from
        inner join deliveries using (delivery_id)
    ),

    -- a delivery whose rows are all known already has none in int_persons, and still
    -- says that they hold
    feeds as (
        select agency, dataset, max(deliveries.period_end_on) as newest_as_of
        from feeds_of_persons
        inner join deliveries using (agency, dataset)
        group by agency, dataset
    ),

    dated as (
        select
            months.month,
            least(
                months.month_end_on,
                coalesce(min(feeds.newest_as_of), months.month_end_on)
            ) as oldest_input_as_of
        from months
        left join feeds on true
        group by months.month, months.month_end_on
    )

select *
from dated
