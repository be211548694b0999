-- The agencies' words for yes and no; anything else is unknown.
{% macro is_ya(column) -%}
    case {{ column }} when 'Ya' then true when 'Tidak' then false end
{%- endmacro %}

-- BKKBN's codes: yes under one number, no under the other. What is not applicable is
-- no: a wife with one birth has no two births too close.
{% macro is_code(column, yes, no, not_applicable="3") -%}
    case
        {{ column }}
        when '{{ yes }}'
        then true
        when '{{ no }}'
        then false
        when '{{ not_applicable }}'
        then false
    end
{%- endmacro %}
