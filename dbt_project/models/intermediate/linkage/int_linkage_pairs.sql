-- Pairs of records with the points of each comparison (Fellegi and Sunter 1969): points
-- are decibans, 10 log10 of how much likelier the level is for one child than for two.
{% set levels = fromjson(linkage_levels()) %}
with
    records as (select * from {{ ref("int_linkage_records") }}),

    blocked as (select * from {{ ref("int_linkage_pairs_blocked") }}),

    points as (select * from {{ ref("linkage_points") }}),

    compared as (
        select
            l.record_id as record_l,
            r.record_id as record_r,
            l.agency as agency_l,
            r.agency as agency_r,
            {% for comparison, conditions in levels.items() %}
                case
                    {% for level, condition in conditions %}
                        when {{ condition }} then '{{ level }}'
                    {% endfor %}
                end as {{ comparison }}_level,
            {% endfor %}
            coalesce({{ is_guarded() }}, false) as is_guarded,
            coalesce({{ is_doubtful() }}, false) as is_doubtful
        from blocked
        inner join records as l on blocked.record_no_l = l.record_no
        inner join records as r on blocked.record_no_r = r.record_no
    ),

    scored as (
        select
            compared.*,
            {% for comparison in levels %}
                {{ comparison }}_points.points {{ "+" if not loop.last }}
            {% endfor %} as points
        from compared
        {% for comparison in levels %}
            inner join
                points as {{ comparison }}_points
                on {{ comparison }}_points.comparison = '{{ comparison }}'
                and {{ comparison }}_points.level = compared.{{ comparison }}_level
        {% endfor %}
    )

select *
from scored
where points >= {{ linkage_threshold("review") }}
