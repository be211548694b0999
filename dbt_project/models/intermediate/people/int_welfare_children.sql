-- Members of DTSEN families who are under five on the day of the snapshot.
with
    members as (select * from {{ ref("stg_dinsos__members") }}),

    families as (select * from {{ ref("stg_dinsos__families") }}),

    under_fives as (
        select * from members where {{ is_under_five("born_on", "as_of") }}
    ),

    -- the family says in which desa the child lives
    placed as (
        select under_fives.*, families.desa_code
        from under_fives
        left join
            families
            on under_fives.no_kk = families.no_kk
            and under_fives.as_of = families.as_of
    ),

    dated as (
        select
            *,
            max(case when not has_left then as_of end) over (
                partition by identity_key
            ) as last_present_on
        from placed
    ),

    grouped as (
        select
            identity_key,
            any_value(born_on) as born_on,
            any_value(sex) as sex,
            any_value(no_kk) as no_kk,
            {{ told_last("desa_code", "as_of") }} as desa_code,
            min(as_of) as first_seen_on,
            max(as_of) as last_seen_on,
            -- the first snapshot of those that have called it moved or dead since
            min(
                case
                    when as_of > coalesce(last_present_on, date '1900-01-01') then as_of
                end
            ) as left_on
        from dated
        group by identity_key
    )

select *
from grouped
