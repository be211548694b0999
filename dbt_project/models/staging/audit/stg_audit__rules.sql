-- Only which rules there are: the counts beside them are of the deliveries that were
-- judged last, and would change with the nights on which files happen to come.
with
    expectations as (
        select *
        from {{ source("audit", "expectation_results") }}
        where column_name is not null
    ),

    renamed as (
        select
            -- ids
            agency,
            dataset,
            column_name,
            substr(expectation, length(column_name) + 2) as rule,

            -- flags
            case
                when severity = 'warning' then 'counted' else 'quarantined'
            end as effect
        from expectations
    )

select *
from renamed
