-- What DuckDB and Spark write differently, each said once; models call these by name.
-- `default` is DuckDB's.
-- Every match of a pattern replaced.
{% macro replace_every(text, pattern, word) -%}
    {{ adapter.dispatch("replace_every")(text, pattern, word) }}
{%- endmacro %}

{% macro default__replace_every(text, pattern, word) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ word }}', 'g')
{%- endmacro %}

{% macro spark__replace_every(text, pattern, word) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ word }}')
{%- endmacro %}

-- Whether a pattern is found in a text.
{% macro has_match(text, pattern) -%}
    {{ adapter.dispatch("has_match")(text, pattern) }}
{%- endmacro %}

{% macro default__has_match(text, pattern) -%}
    regexp_matches({{ text }}, '{{ pattern }}')
{%- endmacro %}

{% macro spark__has_match(text, pattern) -%}
    regexp_like({{ text }}, '{{ pattern }}')
{%- endmacro %}

-- The texts of a group as one, in an order.
{% macro joined(text, between, ordered_by) -%}
    {{ adapter.dispatch("joined")(text, between, ordered_by) }}
{%- endmacro %}

{% macro default__joined(text, between, ordered_by) -%}
    string_agg({{ text }}, '{{ between }}' order by {{ ordered_by }})
{%- endmacro %}

{% macro spark__joined(text, between, ordered_by) -%}
    listagg({{ text }}, '{{ between }}') within group (order by {{ ordered_by }})
{%- endmacro %}

-- A window's function of the values that are known.
{% macro of_known(function, value) -%}
    {{ adapter.dispatch("of_known")(function, value) }}
{%- endmacro %}

{% macro default__of_known(function, value) -%}
    {{ function }} ({{ value }} ignore nulls)
{%- endmacro %}

{% macro spark__of_known(function, value) -%}
    {{ function }} ({{ value }}) ignore nulls
{%- endmacro %}

-- A limit of ref_height_comparison, on an import called limits; Spark takes only a
-- number as the bound of a window.
{% macro compared_days(name) -%}
    {{ adapter.dispatch("compared_days")(name) }}
{%- endmacro %}

{% macro default__compared_days(name) -%} limits.{{ name }} {%- endmacro %}

{% macro spark__compared_days(name) -%}
    {%- if execute -%}
        {%- set found = run_query(
            "select days from "
            ~ ref("ref_height_comparison")
            ~ " where name = '"
            ~ name
            ~ "'"
        ) -%}
        {{- found.columns[0].values()[0] -}}
    {%- endif -%}
{%- endmacro %}

-- All columns but these, behind a star.
{% macro without(columns) -%} {{ adapter.dispatch("without")(columns) }} {%- endmacro %}

{% macro default__without(columns) -%} exclude ({{ columns }}) {%- endmacro %}

{% macro spark__without(columns) -%}
    except
    ({{ columns }})
{%- endmacro %}

-- Days, or ends of months or years, from one date to another; dbt-spark's own counts
-- full months and stops at a null.
{% macro spark__datediff(first_date, second_date, datepart) -%}
    {%- if datepart == "day" -%} datediff({{ second_date }}, {{ first_date }})
    {%- elif datepart == "year" -%}(year({{ second_date }}) - year({{ first_date }}))
    {%- else -%}
        (
            12 * (year({{ second_date }}) - year({{ first_date }}))
            + month({{ second_date }})
            - month({{ first_date }})
        )
    {%- endif -%}
{%- endmacro %}

-- A date so many months later.
{% macro spark__dateadd(datepart, interval, from_date_or_timestamp) -%}
    ({{ from_date_or_timestamp }} + ({{ interval }}) * interval 1 {{ datepart }})
{%- endmacro %}
