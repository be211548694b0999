-- A number as a person in Indonesia writes it: one decimal after a comma, none for a
-- whole one.
{% macro number_indonesian(value) -%}
    replace(
        regexp_replace(
            cast(cast({{ value }} as decimal(12, 1)) as varchar), '[.]0$', ''
        ),
        '.',
        ','
    )
{%- endmacro %}
