-- A parameter of the validation of scores, from its seed.
{% macro risk_validation(name) -%}
    (select value from {{ ref("ref_risk_validation") }} where name = '{{ name }}')
{%- endmacro %}

-- A month so many horizons before another.
{% macro horizons_before(month, horizons) -%}
    cast(
        {{ month }}
        - {{ horizons }}
        * cast({{ risk_validation("horizon_months") }} as integer)
        * interval 1 month as date
    )
{%- endmacro %}

-- How much the share of cases rises with each point: the line of least squares through
-- all children, worked out from children and cases by points.
{% macro rise_per_point() -%}
    (
        sum(children) * sum(cases * points) - sum(cases) * sum(children * points)
    ) / nullif(
        sum(children) * sum(children * points * points)
        - pow(sum(children * points), 2),
        0
    )
{%- endmacro %}
