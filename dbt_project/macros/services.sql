-- A threshold of a service, from its seed.
{% macro service_threshold(service) -%}
    (select threshold from {{ ref("ref_services") }} where service = '{{ service }}')
{%- endmacro %}

-- A number of the first thousand days, from its seed.
{% macro thousand_days(parameter) -%}
    (
        select value
        from {{ ref("ref_thousand_days") }}
        where parameter = '{{ parameter }}'
    )
{%- endmacro %}
