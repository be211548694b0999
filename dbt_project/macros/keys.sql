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
