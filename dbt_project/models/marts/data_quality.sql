with
    deliveries as (select * from {{ ref("stg_audit__deliveries") }}),

    described as (
        select
            -- ids
            delivery_id,
            agency,
            dataset,
            period,
            -- a run of so many digits may be a NIK, as in include/visible.py
            {{ replace_every("file_name", "[0-9]{16,}", "*" * 16) }} as file_name,

            -- outcome
            status,
            reason,

            -- counts: rows_read is the sum of the four below it
            rows_read,
            rows_accepted,
            rows_quarantined,
            rows_duplicate,
            rows_superseded,
            100.0 * rows_quarantined / nullif(rows_read, 0) as quarantined_pct,

            -- dates
            cast(received_at as date) as received_on,
            cast(
                {{ dbt.datediff("period_end_on", "received_at", "day") }} as integer
            ) as days_after_period
        from deliveries
    )

select *
from described
