-- When a score is read and by which heights it is judged.
-- incident: the score of a month and the children not stunted then; a case is stunted
-- by its latest valid height at the end of the horizon. Time runs one way, so nothing
-- of the outcome can be in the score.
-- prevalent: score and height of one month. It says who is stunted, not who will be.
-- now ends with the newest month; before is the same one horizon earlier, from which
-- now is foretold. A window that begins before the first month does not exist.
with
    months as (
        select min(month) as first_month, max(month) as newest_month
        from {{ ref("int_months") }}
    ),

    windows as (
        select
            'incident' as design,
            'now' as period,
            {{ horizons_before("newest_month", 1) }} as score_month,
            newest_month as outcome_month
        from months
        union all
        select
            'incident',
            'before',
            {{ horizons_before("newest_month", 2) }},
            {{ horizons_before("newest_month", 1) }}
        from months
        union all
        select 'prevalent', 'now', newest_month, newest_month
        from months
        union all
        select
            'prevalent',
            'before',
            {{ horizons_before("newest_month", 1) }},
            {{ horizons_before("newest_month", 1) }}
        from months
    ),

    existing as (
        select windows.*
        from windows
        cross join months
        where windows.score_month >= months.first_month
    )

select *
from existing
