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

-- Whether one of several is so, or all are: unknown while an unknown one could settle
-- it.
{% macro one_is(condition) -%}
    case
        when bool_or({{ condition }})
        then true
        when count({{ condition }}) = count(*)
        then false
    end
{%- endmacro %}

{% macro all_are(condition) -%}
    case
        when not bool_and({{ condition }})
        then false
        when count({{ condition }}) = count(*)
        then true
    end
{%- endmacro %}
