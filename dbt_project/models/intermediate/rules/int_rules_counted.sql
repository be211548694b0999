with
    rules as (select * from {{ ref("stg_audit__rules") }}),
    faults as (select * from {{ ref("stg_audit__quarantine") }}),

    -- a refused file has no row, and of a removed one no row is left to be counted
    deliveries as (
        select *, {{ month_of("period_end_on") }} as month
        from {{ ref("stg_audit__deliveries") }}
        where status in ('loaded', 'held')
    ),

    read_in_month as (
        select
            agency,
            dataset,
            month,
            count(*) as deliveries,
            sum(rows_read) as rows_checked,
            max(period_end_on) as source_as_of
        from deliveries
        group by agency, dataset, month
    ),

    broken_in_month as (
        select
            deliveries.agency,
            deliveries.dataset,
            deliveries.month,
            faults.column_name,
            faults.rule,
            count(*) as rows_failed,
            count(
                case when faults.fault_state = 'overruled' then 1 end
            ) as rows_overruled
        from faults
        inner join deliveries on faults.delivery_id = deliveries.delivery_id
        group by
            deliveries.agency,
            deliveries.dataset,
            deliveries.month,
            faults.column_name,
            faults.rule
    )

select
    rules.agency,
    rules.dataset,
    read_in_month.month,
    rules.column_name,
    rules.rule,
    rules.effect,
    read_in_month.deliveries,
    cast(read_in_month.rows_checked as bigint) as rows_checked,
    coalesce(broken_in_month.rows_failed, 0) as rows_failed,
    coalesce(broken_in_month.rows_overruled, 0) as rows_overruled,
    read_in_month.source_as_of
from rules
inner join
    read_in_month
    on rules.agency = read_in_month.agency
    and rules.dataset = read_in_month.dataset
left join
    broken_in_month
    on rules.agency = broken_in_month.agency
    and rules.dataset = broken_in_month.dataset
    and rules.column_name = broken_in_month.column_name
    and rules.rule = broken_in_month.rule
    -- files in no period's folder have no month, and are a month of their own
    and read_in_month.month is not distinct from broken_in_month.month
