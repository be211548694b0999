with
    funds as (
        select * from {{ source("dpmd", "dana_desa") }} where {{ is_believed() }}
    ),

    coded as (
        select
            -- ids
            desa_code,

            -- measures: spending is cumulative in the year
            village_fund_rp,
            stunting_budget_rp,
            stunting_spent_rp,

            -- dates
            {{ quarter_end("year", "quarter_no") }} as counted_on,

            -- lineage
            _delivery_id as delivery_id,
            _row as delivery_row,
            _received_at as received_at
        from funds
    )

select *
from coded
