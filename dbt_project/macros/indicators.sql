-- A limit in the definition of an indicator, from its seed.
{% macro indicator_parameter(indicator, name) -%}
    (
        select value
        from {{ ref("indicator_parameters") }}
        where indicator_id = '{{ indicator }}' and name = '{{ name }}'
    )
{%- endmacro %}

-- Which row of a key holds: the last that came, as the gate has it.
{% macro latest_rank(columns) -%}
    row_number() over (
        partition by {{ columns | join(", ") }}
        order by
            received_at desc nulls last,
            delivery_id desc nulls last,
            delivery_row desc nulls last
    )
{%- endmacro %}
