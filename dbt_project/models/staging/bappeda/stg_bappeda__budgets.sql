with
    budgets as (
        select * from {{ source("bappeda", "anggaran") }} where {{ is_believed() }}
    ),

    agencies as (select * from {{ ref("ref_agencies") }}),

    coded as (
        select
            -- ids
            budgets.indicator_id,
            budgets.sub_activity_code,
            budgets.sub_activity,
            agencies.agency,

            -- measures: spending is cumulative in the year
            budgets.budget_rp,
            budgets.spent_rp,

            -- dates
            {{ quarter_end("budgets.year", "budgets.quarter_no") }} as counted_on,

            -- lineage
            budgets._delivery_id as delivery_id,
            budgets._row as delivery_row,
            budgets._received_at as received_at
        from budgets
        left join agencies on budgets.agency = agencies.short_name
    )

select *
from coded
