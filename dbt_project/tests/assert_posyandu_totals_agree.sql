-- Posyandu are one more way of dividing the same children and the same weighings: due
-- and measured add up to the kabupaten, rows and scores to what was counted.
with
    posyandu as (
        select
            month,
            sum(due) as due,
            sum(measured) as measured,
            sum(rows_accepted) as rows_accepted,
            sum(haz_valid) as haz_valid
        from {{ ref("data_quality_posyandu") }}
        group by month
    ),

    weighings as (
        select month, sum(rows_accepted) as rows_accepted
        from {{ ref("int_area_weighings_counted") }}
        group by month
    ),

    scores as (
        select month, sum(haz_valid) as haz_valid
        from {{ ref("int_area_scores_counted") }}
        group by month
    )

select *
from {{ ref("stunting_by_kabupaten") }} as kabupaten
left join posyandu on kabupaten.month = posyandu.month
left join weighings on kabupaten.month = weighings.month
left join scores on kabupaten.month = scores.month
where
    posyandu.month is null
    or posyandu.due <> kabupaten.due
    or posyandu.measured <> kabupaten.measured
    or posyandu.rows_accepted <> coalesce(weighings.rows_accepted, 0)
    or posyandu.haz_valid <> coalesce(scores.haz_valid, 0)
