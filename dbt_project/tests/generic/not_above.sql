{% test not_above(model, column_name, column) %}
    select * from {{ model }} where {{ column_name }} > {{ column }}
{% endtest %}
