-- What is the latest known of each child due: its last valid height and its last valid
-- weight up to the month, with the month they are of. Prevalence uses only the month's
-- own (int_child_month_status).
with
    child_months as (select child_id, month from {{ ref("int_child_months") }}),

    status as (select * from {{ ref("int_child_month_status") }}),

    joined as (
        select
            child_months.child_id,
            child_months.month,
            status.child_id is not null as is_measured,
            coalesce(status.has_oedema, false) as has_oedema,
            coalesce(status.is_flagged, false) as is_flagged,
            status.haz,
            status.waz,
            status.whz,
            status.baz,
            case
                when status.haz is not null then child_months.month
            end as height_month,
            case when status.waz is not null then child_months.month end as weight_month
        from child_months
        left join
            status
            on child_months.child_id = status.child_id
            and child_months.month = status.month
    ),

    carried as (
        select
            child_id,
            month,
            is_measured,
            has_oedema,
            is_flagged,
            last_value(height_month ignore nulls) over child as height_month,
            last_value(haz ignore nulls) over child as haz,
            last_value(weight_month ignore nulls) over child as weight_month,
            last_value(waz ignore nulls) over child as waz,
            last_value(whz ignore nulls) over child as whz,
            last_value(baz ignore nulls) over child as baz
        from joined
        window child as (partition by child_id order by month nulls last)
    )

select *
from carried
