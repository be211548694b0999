-- against the day of arrival in Serang (UTC+7), as in include/words.py
{% test not_in_future(model, column_name) %}
    select *
    from {{ model }}
    where {{ column_name }} > (_received_at + interval 7 hour)::date
{% endtest %}
