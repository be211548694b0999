-- Desa, kecamatan and puskesmas are two ways of dividing the same children: each count
-- of each must add up to the kabupaten's, and the children themselves too.
{% set counts = [
    "due",
    "measured",
    "height_valid",
    "stunted",
    "severely_stunted",
    "weight_valid",
    "underweight",
    "weight_height_valid",
    "wasted",
    "severely_wasted",
    "flagged",
] %}
with
    totals as (
        {% for level in ["desa", "kecamatan", "puskesmas"] %}
            select
                '{{ level }}' as hierarchy,
                month
                {%- for count in counts %}, sum({{ count }}) as {{ count }}{% endfor %}
            from {{ ref("stunting_by_" ~ level) }}
            group by month
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    children as (
        select
            month,
            count(*) as due,
            count(*) filter (where is_measured) as measured,
            count(*) filter (where is_stunted) as stunted,
            count(*) filter (where is_flagged) as flagged
        from {{ ref("stunting_risk") }}
        group by month
    ),

    compared as (
        select totals.hierarchy, totals.month
        from totals
        left join
            {{ ref("stunting_by_kabupaten") }} as kabupaten
            on totals.month = kabupaten.month
        where
            kabupaten.month is null
            {%- for count in counts %}
                or totals.{{ count }} <> kabupaten.{{ count }}
            {%- endfor %}
        union all
        select 'children', children.month
        from children
        left join
            {{ ref("stunting_by_kabupaten") }} as kabupaten
            on children.month = kabupaten.month
        where
            kabupaten.month is null
            or children.due <> kabupaten.due
            or children.measured <> kabupaten.measured
            or children.stunted <> kabupaten.stunted
            or children.flagged <> kabupaten.flagged
    )

select *
from compared
