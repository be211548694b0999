-- The counts and shares of every roll-up. int_area_months_counted has the counts; a
-- share is null where nobody was counted.
{% macro prevalence_columns() -%}
    cast(sum(due) as bigint) as due,
    cast(sum(measured) as bigint) as measured,
    100.0 * sum(measured) / nullif(sum(due), 0) as coverage_pct,
    cast(sum(height_valid) as bigint) as height_valid,
    cast(sum(stunted) as bigint) as stunted,
    cast(sum(severely_stunted) as bigint) as severely_stunted,
    100.0 * sum(stunted) / nullif(sum(height_valid), 0) as stunted_pct,
    100.0
    * sum(severely_stunted)
    / nullif(sum(height_valid), 0) as severely_stunted_pct,
    cast(sum(weight_valid) as bigint) as weight_valid,
    cast(sum(underweight) as bigint) as underweight,
    100.0 * sum(underweight) / nullif(sum(weight_valid), 0) as underweight_pct,
    cast(sum(weight_height_valid) as bigint) as weight_height_valid,
    cast(sum(wasted) as bigint) as wasted,
    cast(sum(severely_wasted) as bigint) as severely_wasted,
    100.0 * sum(wasted) / nullif(sum(weight_height_valid), 0) as wasted_pct,
    cast(sum(flagged) as bigint) as flagged
{%- endmacro %}
