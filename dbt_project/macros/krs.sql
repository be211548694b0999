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
    cast(
        year({{ on }})
        - year({{ born_on }})
        - case
            when
                100 * month({{ on }}) + day({{ on }})
                < 100 * month({{ born_on }}) + day({{ born_on }})
            then 1
            else 0
        end as integer
    )
{%- endmacro %}
