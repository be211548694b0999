-- The levels of linkage_levels and the rows of linkage_points are the same: a pair on a
-- level without points would silently be lost.
{% set levels = fromjson(linkage_levels()) %}
with
    declared as (
        {% for comparison, conditions in levels.items() %}
            {%- set outer = loop -%}
            {%- for level, condition in conditions %}
                {%- if not (outer.first and loop.first) %}
                    union all
                {%- endif %}
                select '{{ comparison }}' as comparison, '{{ level }}' as level
            {%- endfor %}
        {%- endfor %}
    ),

    points as (select * from {{ ref("linkage_points") }})

select comparison, level
from declared
full outer join points using (comparison, level)
where declared.level is null or points.points is null
