{% test known_desa_code(model, column_name) %}
    select *
    from {{ model }}
    where {{ column_name }} not in (select desa_code from {{ ref("ref_desa") }})
{% endtest %}
