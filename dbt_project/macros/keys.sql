-- A stable key made of the content of some columns; an empty part is a part, so (a,
-- null) is not (null, a).
{% macro content_key(columns) -%}
    md5(
        concat_ws(
            '|'
            {%- for column in columns %}
                , coalesce(cast({{ column }} as string), '')
            {% endfor %}
        )
    )
{%- endmacro %}

-- Whole-number keys of the growth standard's tables: a join on one integer costs far
-- less than one on sex and day.
{% macro who_age_key(sex_code, age_in_whole_days) -%}
    cast({{ sex_code }} * 4096 + {{ age_in_whole_days }} as integer)
{%- endmacro %}

{% macro who_length_key(is_length_table, sex_code, length_mm) -%}
    cast(
        case when {{ is_length_table }} then 65536 else 131072 end
        + {{ sex_code }} * 8192
        + {{ length_mm }} as integer
    )
{%- endmacro %}
