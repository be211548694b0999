-- The values of all factors in one short word: 1 present, 0 absent, ? unknown. Children
-- of one profile have one score, so it is worked out once a profile and not once a
-- child and month.
{% macro risk_profile(factors) -%}
    concat(
        {%- for factor in factors %}
            case when {{ factor }} then '1' when not {{ factor }} then '0' else '?' end
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
    )
{%- endmacro %}
