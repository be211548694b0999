{% test never_null(model, columns) %}
    -- one pass and one row per column with holes: a test per column cost a night half a
    -- minute
    with
        holes as (
            select
                {% for column in columns %}
                    count(*) - count({{ column }}) as {{ column }}
                    {%- if not loop.last %},{% endif %}
                {% endfor %}
            from {{ model }}
        )

    {% for column in columns %}
        select '{{ column }}' as column_name, {{ column }} as holes
        from holes
        where {{ column }} > 0
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
{% endtest %}
