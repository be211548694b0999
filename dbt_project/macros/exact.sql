-- The sum of doubles in whole steps of 1e-20, so that it does not depend on the order
-- in which an engine's threads add them up; over: a window, where there is one.
{% macro exact_sum(number, over="") -%}
    cast(sum(cast({{ number }} as decimal(38, 20))) {{ over }} as double)
{%- endmacro %}
