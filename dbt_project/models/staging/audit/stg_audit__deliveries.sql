-- A delivery that waits for its gate is not judged: all its counts but rows_read are
-- still 0. Of the past it tells which deliveries had come; their counts are today's.
with
    deliveries as (
        select *
        from {{ source("audit", "deliveries") }}
        where
            status <> 'waiting'
            {% if var("believed_on", none) %}
                and received_at <= timestamp '{{ var("believed_on") }}'
            {% endif %}
    ),

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
