{% test matches(model, column_name, pattern) %}
    select * from {{ model }} where not {{ has_match(column_name, pattern) }}
{% endtest %}
