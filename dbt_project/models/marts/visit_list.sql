-- Whom to visit, one list per desa: rujuk has a sign that the puskesmas must see,
-- temukan is not measured, cegah is not stunted but at high risk or losing pace. Signs,
-- ages, order and capacity are seeds (ref_signs, ref_visit_rules, ref_visit_capacity).
-- Each category has its part of every week, and what it leaves the others take: the nth
-- of a category stands at n / visits_per_week, and so the desa's list is ordered. The
-- order rests on what changes by the month (of equals the shorter for its age, then the
-- younger leads), then on the child's key, so a list stays as it is while nothing comes
-- for its children.
with
    children as (select * from {{ ref("int_children_listed") }}),

    visits as (select * from {{ ref("int_visits_reasoned") }}),

    capacity as (select * from {{ ref("ref_visit_capacity") }}),

    dated as (select * from {{ ref("int_months_dated") }}),

    desa as (select desa_code, kecamatan_code from {{ ref("ref_desa") }}),

    listed as (
        select
            children.*,
            visits.* {{ without("child_id") }},
            row_number() over (
                partition by children.desa_code, visits.category
                order by
                    visits.priority,
                    visits.risk_points desc nulls last,
                    children.haz nulls last,
                    children.age_months,
                    children.child_id nulls last
            ) as category_rank
        from children
        inner join visits on children.child_id = visits.child_id
    ),

    -- the row * holds for each desa and category without one of its own
    shared as (
        select
            listed.*,
            cast(listed.category_rank as double)
            / coalesce(own.visits_per_week, usual.visits_per_week) as turn
        from listed
        left join
            capacity as own
            on listed.desa_code = own.desa_code
            and listed.category = own.category
        left join
            capacity as usual
            on usual.desa_code = '*'
            and listed.category = usual.category
    ),

    weekly as (
        select
            desa.desa_code,
            sum(coalesce(own.visits_per_week, usual.visits_per_week)) as visits_per_week
        from capacity as usual
        cross join desa
        left join
            capacity as own
            on desa.desa_code = own.desa_code
            and usual.category = own.category
        where usual.desa_code = '*'
        group by desa.desa_code
    ),

    ranked as (
        select
            *,
            row_number() over (
                partition by desa_code order by turn, priority, child_id nulls last
            ) as visit_rank
        from shared
    ),

    planned as (
        select
            -- ids
            ranked.child_id,
            ranked.month,
            ranked.desa_code,
            coalesce(desa.kecamatan_code, 'unknown') as kecamatan_code,
            ranked.puskesmas_code,
            ranked.age_months,

            -- the visit
            ranked.category,
            cast(ranked.visit_rank as integer) as visit_rank,
            cast(
                ceil(
                    cast(ranked.visit_rank as double) / weekly.visits_per_week
                ) as integer
            ) as visit_week,
            ranked.reasons,
            ranked.action,
            ranked.agency,
            ranked.acting_agencies,

            -- what is known
            ranked.seen_month,
            ranked.height_month,
            {{ height_for_age_class("ranked.haz") }} as last_height_for_age_class,
            ranked.weight_month,
            {{ weight_for_age_class("ranked.waz") }} as last_weight_for_age_class,
            {{ weight_for_height_class("ranked.whz") }} as last_weight_for_height_class,
            ranked.risk_points,
            ranked.risk_band,
            ranked.completeness,
            dated.oldest_input_as_of
        from ranked
        inner join dated on ranked.month = dated.month
        left join desa on ranked.desa_code = desa.desa_code
        left join weekly on ranked.desa_code = weekly.desa_code
    )

select *
from planned
