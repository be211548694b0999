-- The counts under each estimate are those of the roll-up of its tier, and no area with
-- a valid height is without an estimate.
with
    counts as (
        {% for level in ["desa", "kecamatan", "puskesmas"] %}
            select
                '{{ level }}' as area_level,
                {{ level }}_code as area_code,
                month,
                height_valid,
                stunted
            from {{ ref("stunting_by_" ~ level) }}
            where {{ level }}_code <> 'unknown'
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )

select area_level, area_code, month
from counts
full outer join
    {{ ref("area_estimates") }} as estimates using (area_level, area_code, month)
where
    counts.height_valid is null
    or (estimates.height_valid is null and counts.height_valid > 0)
    or counts.height_valid <> estimates.height_valid
    or counts.stunted <> estimates.stunted
