with
    deliveries as (select * from {{ source("audit", "deliveries") }}),

    renamed as (
        select
            -- ids
            delivery_id,
            agency,
            dataset,
            period,
            file_name,
            status,
            reason,

            -- measures
            rows_read,
            rows_accepted,
            rows_quarantined,
            rows_duplicate,
            rows_superseded,

            -- dates
            {{ period_end("period") }} as period_end_on,
            received_at
        from deliveries
    )

select *
from renamed
