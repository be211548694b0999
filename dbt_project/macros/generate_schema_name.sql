-- Schemas are named in dbt_project.yml exactly as they are called, without the
-- target's prefix.
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
