-- What is the latest known of each child due: its last valid height and its last valid
-- weight up to the month, with the month they are of. What is not called last is the
-- month's own, and only that goes into prevalence (int_child_months_measured).
with
    child_months as (select child_id, month from {{ ref("int_child_months") }}),

    measured as (select * from {{ ref("int_child_months_measured") }}),

    joined as (
        select
            child_months.child_id,
            child_months.month,
            measured.child_id is not null as is_measured,
            coalesce(measured.has_oedema, false) as has_oedema,
            coalesce(measured.is_flagged, false) as is_flagged,
            measured.is_stunted,
            measured.weight_gain_code,
            measured.is_2t,
            measured.haz,
            measured.height_on,
            measured.waz,
            measured.whz,
            case
                when measured.haz is not null then child_months.month
            end as height_month,
            case
                when measured.waz is not null then child_months.month
            end as weight_month
        from child_months
        left join
            measured
            on child_months.child_id = measured.child_id
            and child_months.month = measured.month
    ),

    carried as (
        select
            child_id,
            month,
            is_measured,
            has_oedema,
            is_flagged,
            is_stunted,
            weight_gain_code,
            is_2t,
            {{ of_known("last_value", "height_month") }} over child as height_month,
            {{ of_known("last_value", "haz") }} over child as last_haz,
            {{ of_known("last_value", "height_on") }} over child as height_on,
            {{ of_known("last_value", "weight_month") }} over child as weight_month,
            {{ of_known("last_value", "waz") }} over child as last_waz,
            {{ of_known("last_value", "whz") }} over child as last_whz
        from joined
        window child as (partition by child_id order by month nulls last)
    )

select *
from carried
