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

-- The first day of a date's month.
{% macro month_of(column) -%}
    cast(date_trunc('month', {{ column }}) as date)
{%- endmacro %}

-- Completed months of age by WHO's month of 30.4375 days.
{% macro age_in_months(born_on, on) -%}
    cast(floor({{ dbt.datediff(born_on, on, "day") }} / 30.4375) as integer)
{%- endmacro %}

-- Whether a person is under five on a day: age below 60 months of 30.4375 days.
{% macro is_under_five(born_on, on) -%}
    ({{ born_on }} <= {{ on }} and {{ dbt.datediff(born_on, on, "day") }} < 1826.25)
{%- endmacro %}
