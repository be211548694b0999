with
    judgements as (select * from {{ source("audit", "judgements") }}),

    renamed as (
        select
            -- ids
            delivery_id,
            agency,
            dataset,
            judgement,

            -- texts
            reason,
            found,

            -- flags
            case when severity = 'warning' then 'told' else 'held' end as effect
        from judgements
    )

select *
from renamed
