with
    rules as (select * from {{ ref("int_rules_counted") }}),

    described as (
        select
            -- ids
            agency,
            dataset,
            month,
            column_name,
            rule,
            effect,

            -- counts
            deliveries,
            rows_checked,
            rows_failed,
            rows_overruled,
            100.0 * rows_failed / nullif(rows_checked, 0) as failed_pct,

            -- dates
            source_as_of
        from rules
    )

select *
from described
