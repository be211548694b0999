-- The children due at the month of their puskesmas, with the latest that is known of
-- each body up to that month. A height that WHO's limits set aside is no height.
with
    child_months as (select * from {{ ref("int_child_months") }}),

    puskesmas_months as (select * from {{ ref("int_puskesmas_months_delivered") }}),

    measured as (select * from {{ ref("int_child_months_measured") }}),

    height_changes as (select * from {{ ref("int_height_changes") }}),

    listed as (
        select child_months.*
        from child_months
        inner join
            puskesmas_months
            on coalesce(child_months.puskesmas_code, 'unknown')
            = puskesmas_months.puskesmas_code
            and child_months.month = puskesmas_months.month
    ),

    known as (
        select
            listed.child_id,
            max(measured.month) as seen_month,
            max(measured.month) filter (where measured.haz is not null) as height_month,
            max(measured.height_on) as height_on,
            max_by(measured.haz, measured.month) filter (
                where measured.haz is not null
            ) as haz,
            max(measured.month) filter (where measured.waz is not null) as weight_month,
            max_by(measured.waz, measured.month) filter (
                where measured.waz is not null
            ) as waz,
            max(measured.month) filter (
                where measured.whz is not null
            ) as weight_height_month,
            max_by(measured.whz, measured.month) filter (
                where measured.whz is not null
            ) as whz,
            -- O and B say nothing about gain
            max(measured.month) filter (
                where measured.weight_gain_code in ('N', 'T')
            ) as gain_month,
            max_by(
                case
                    when measured.is_2t
                    then 2
                    when measured.weight_gain_code = 'T'
                    then 1
                    else 0
                end,
                measured.month
            ) filter (where measured.weight_gain_code in ('N', 'T')) as gain_failures
        from listed
        inner join
            measured
            on listed.child_id = measured.child_id
            and measured.month <= listed.month
        group by listed.child_id
    ),

    joined as (
        select
            listed.child_id,
            listed.month,
            coalesce(listed.desa_code, 'unknown') as desa_code,
            coalesce(listed.puskesmas_code, 'unknown') as puskesmas_code,
            listed.age_months,
            known.seen_month,
            known.height_month,
            known.haz,
            height_changes.is_faltering,
            known.weight_month,
            known.waz,
            known.weight_height_month,
            known.whz,
            known.gain_month,
            known.gain_failures
        from listed
        left join known on listed.child_id = known.child_id
        left join
            height_changes
            on known.child_id = height_changes.child_id
            and known.height_on = height_changes.measured_on
    )

select *
from joined
