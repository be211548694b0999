with
    items as (select * from {{ ref("stg_audit__items") }}),
    deliveries as (select * from {{ ref("stg_audit__deliveries") }}),

    -- waiting is counted up to the newest delivery of all, not up to today: the same
    -- deliveries give the same figures
    newest as (select max(received_at) as newest_received_at from deliveries),

    counted as (
        select
            agency,
            dataset,
            month,
            count(*) as quarantined,
            count(case when item_state = 'fixed' then 1 end) as fixed,
            count(case when item_state = 'accepted_as_is' then 1 end) as accepted_as_is,
            count(case when item_state = 'deleted' then 1 end) as deleted,
            count(case when item_state = 'open' then 1 end) as open,
            min(
                case when item_state = 'open' then received_at end
            ) as oldest_received_at
        from items
        group by agency, dataset, month
    )

select
    counted.agency,
    counted.dataset,
    counted.month,
    counted.quarantined,
    counted.fixed,
    counted.accepted_as_is,
    counted.deleted,
    counted.open,
    cast(
        {{
            dbt.datediff(
                "counted.oldest_received_at", "newest.newest_received_at", "day"
            )
        }} as integer
    ) as oldest_open_days,
    cast(newest.newest_received_at as date) as items_as_of
from counted
cross join newest
