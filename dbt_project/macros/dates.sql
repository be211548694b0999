-- The last day of a delivery's period: 2026-03, 2026-Q1 or 2026.
{% macro period_end(period) -%}
    last_day(
        make_date(
            cast(substr({{ period }}, 1, 4) as integer),
            case
                when {{ period }} like '%-Q%'
                then 3 * cast(substr({{ period }}, 7, 1) as integer)
                when length({{ period }}) = 7
                then cast(substr({{ period }}, 6, 2) as integer)
                else 12
            end,
            1
        )
    )
{%- endmacro %}

-- What was told last; of several words of one moment the last in order, so that no
-- order of rows decides.
{% macro told_last(value, moment) -%}
    max_by({{ value }}, ({{ moment }}, {{ value }})) filter (
        where {{ value }} is not null
    )
{%- endmacro %}

-- The first day of a date's month.
{% macro month_of(column) -%}
    cast(date_trunc('month', {{ column }}) as date)
{%- endmacro %}

-- Whether a person is born and under five on a day.
{% macro is_under_five(born_on, on) -%}
    (
        {{ born_on }} <= {{ on }}
        and {{ is_under_months(dbt.datediff(born_on, on, "day"), 60) }}
    )
{%- endmacro %}

-- The last day of a quarter, of its year and number.
{% macro quarter_end(year, quarter_no) -%}
    last_day(make_date({{ year }}, 3 * {{ quarter_no }}, 1))
{%- endmacro %}

-- The first day of a date's quarter.
{% macro quarter_of(column) -%}
    cast(date_trunc('quarter', {{ column }}) as date)
{%- endmacro %}

-- The first day of a date's half of the year.
{% macro semester_of(column) -%}
    make_date(
        year({{ column }}), case when month({{ column }}) <= 6 then 1 else 7 end, 1
    )
{%- endmacro %}

-- The day a yearly count is of: the year's end, or the day it came when that was
-- earlier.
{% macro year_counted_on(year, received_at) -%}
    least(
        make_date({{ year }}, 12, 31),
        coalesce(cast({{ received_at }} as date), make_date({{ year }}, 12, 31))
    )
{%- endmacro %}
