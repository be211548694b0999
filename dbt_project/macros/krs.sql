-- A number of the definition of families at risk (KRS), from its seed.
{% macro krs(parameter) -%}
    (
        select value
        from {{ ref("ref_krs_definition") }}
        where parameter = '{{ parameter }}'
    )
{%- endmacro %}

-- Completed years between two days.
{% macro completed_years(born_on, on) -%}
    cast(floor({{ dbt.datediff(born_on, on, "day") }} / 365.25) as integer)
{%- endmacro %}
