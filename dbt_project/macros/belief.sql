-- Condition on typed rows: what is believed. The variable `believed_on`, a moment in
-- UTC, asks what was believed then; `make believed` sets it.
{% macro is_believed() -%}
    {%- if var("believed_on", none) is none -%} _status = 'accepted'
    {%- else -%}
        _known_from <= timestamp '{{ var("believed_on") }}'
        and coalesce(_known_to > timestamp '{{ var("believed_on") }}', true)
    {%- endif -%}
{%- endmacro %}
