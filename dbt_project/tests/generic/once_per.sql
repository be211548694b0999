-- Rows of one delivery that agree in the columns and differ in another; equal rows are
-- duplicates and no fault.
{% test once_per(model, column_name, columns) %}
    {% set content = [] %}
    {% for column in adapter.get_columns_in_relation(model) if column.name[0] != "_" %}
        {% do content.append(column.name) %}
    {% endfor %}

    with
        told as (
            select *, {{ content_key(content or ["null"]) }} as content
            from {{ model }}
            where
                {% for column in columns %}
                    {{ column }} is not null {{ "and" if not loop.last }}
                {% endfor %}
        ),

        twice as (
            select _delivery_id, {{ columns | join(", ") }}
            from told
            group by _delivery_id, {{ columns | join(", ") }}
            having count(distinct content) > 1
        )

    select told.*
    from told
    inner join twice using (_delivery_id, {{ columns | join(", ") }})
{% endtest %}
