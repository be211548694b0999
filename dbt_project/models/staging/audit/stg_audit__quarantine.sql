with
    faults as (select * from {{ source("audit", "quarantine") }}),

    renamed as (
        select
            -- ids
            delivery_id,
            agency,
            dataset,
            delivery_row,
            column_name,
            rule,

            -- flags
            severity as fault_state
        from faults
    )

select *
from renamed
