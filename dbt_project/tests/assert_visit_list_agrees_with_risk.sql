-- Each child on the list is due in that month with the same place, points and band.
-- Each child stunted in its puskesmas' month, by that month's own height, is referred.
-- The ranks of a desa run from 1 without a gap.
with
    visits as (select * from {{ ref("visit_list") }}),

    due as (
        select risk.*
        from {{ ref("stunting_risk") }} as risk
        inner join
            {{ ref("int_puskesmas_months_delivered") }} as puskesmas_months using (
                puskesmas_code, month
            )
    ),

    compared as (
        select
            'not due, or otherwise in stunting_risk' as finding, visits.child_id as what
        from visits
        left join due on visits.child_id = due.child_id and visits.month = due.month
        where
            due.child_id is null
            or visits.desa_code <> due.desa_code
            or visits.risk_points <> due.risk_points
            or visits.risk_band <> due.risk_band
            or visits.last_height_for_age_class
            is distinct from due.last_height_for_age_class
        union all
        select 'stunted and not referred', due.child_id
        from due
        left join visits on due.child_id = visits.child_id
        where due.is_stunted and coalesce(visits.category, '') <> 'rujuk'
        union all
        select 'ranks with a gap', desa_code
        from visits
        group by desa_code
        having max(visit_rank) <> count(*) or min(visit_rank) <> 1
    )

select *
from compared
