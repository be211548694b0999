-- Coverage of a posyandu: the children due whom it weighed last, and of them those
-- measured in the month, wherever. A child never weighed has no posyandu, only a desa:
-- it is counted there as unknown, so that the sums are those of the kabupaten.
with
    child_months as (
        select child_id, month, desa_code from {{ ref("int_child_months") }}
    ),

    posyandu as (select * from {{ ref("int_child_posyandu") }}),

    measured as (select child_id, month from {{ ref("int_child_months_measured") }}),

    counted as (
        select
            child_months.month,
            coalesce(
                posyandu.posyandu_desa_code, child_months.desa_code, 'unknown'
            ) as desa_code,
            coalesce(posyandu.posyandu_name, 'unknown') as posyandu_name,
            count(*) as due,
            count(measured.child_id) as measured
        from child_months
        left join posyandu on child_months.child_id = posyandu.child_id
        left join
            measured
            on child_months.child_id = measured.child_id
            and child_months.month = measured.month
        group by 1, 2, 3
    )

select *
from counted
