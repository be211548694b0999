-- Posyandu and puskesmas are ways of dividing the same children and the same weighings:
-- due and measured of each add up to the kabupaten, rows and scores to what was
-- counted.
with
    weighings as (
        select month, sum(rows_accepted) as rows_accepted
        from {{ ref("int_area_weighings_counted") }}
        group by month
    ),

    scores as (
        select month, sum(haz_valid) as haz_valid
        from {{ ref("int_area_scores_counted") }}
        group by month
    ),

    expected as (
        select
            kabupaten.month,
            kabupaten.due,
            kabupaten.measured,
            coalesce(weighings.rows_accepted, 0) as rows_accepted,
            coalesce(scores.haz_valid, 0) as haz_valid
        from {{ ref("stunting_by_kabupaten") }} as kabupaten
        left join weighings on kabupaten.month = weighings.month
        left join scores on kabupaten.month = scores.month
    )

{% for mart in ["data_quality_posyandu", "data_quality_puskesmas"] %}
    {%- if not loop.first %}
        union all
    {%- endif %}
    select '{{ mart }}' as mart, expected.*
    from expected
    left join
        (
            select
                month,
                sum(due) as due,
                sum(measured) as measured,
                sum(rows_accepted) as rows_accepted,
                sum(haz_valid) as haz_valid
            from {{ ref(mart) }}
            group by month
        ) as added
        on expected.month = added.month
    where
        added.month is null
        or added.due <> expected.due
        or added.measured <> expected.measured
        or added.rows_accepted <> expected.rows_accepted
        or added.haz_valid <> expected.haz_valid
{% endfor %}
