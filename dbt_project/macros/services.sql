-- A threshold of a service, from its seed.
{% macro service_threshold(service) -%}
    (select threshold from {{ ref("ref_services") }} where service = '{{ service }}')
{%- endmacro %}
