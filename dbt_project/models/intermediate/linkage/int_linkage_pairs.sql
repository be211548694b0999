-- Pairs of records with the points of each comparison (Fellegi and Sunter 1969): points
-- are decibans, 10 log10 of how much likelier the level is for one child than for two.
{% set levels = fromjson(linkage_levels()) %}
with
    records as (select * from {{ ref("int_linkage_records") }}),

    blocked as (select * from {{ ref("int_linkage_pairs_blocked") }}),

    -- all points in one row: of a join DuckDB would keep the pairs in memory, not them
    points as (
        select
            {% for comparison, conditions in levels.items() %}
                {% set last = loop.last %}
                {% for level, _ in conditions %}
                    max(
                        case
                            when
                                comparison = '{{ comparison }}'
                                and level = '{{ level }}'
                            then points
                        end
                    ) as {{ comparison }}_{{ level }}
                    {{ "," if not (last and loop.last) }}
                {% endfor %}
            {% endfor %}
        from {{ ref("linkage_points") }}
    ),

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
        inner join records as l on blocked.record_l = l.record_id
        inner join records as r on blocked.record_r = r.record_id
    ),

    scored as (
        select
            compared.*,
            {% for comparison, conditions in levels.items() %}
                case
                    {{ comparison }}_level
                    {% for level, _ in conditions %}
                        when '{{ level }}' then points.{{ comparison }}_{{ level }}
                    {% endfor %}
                end {{ "+" if not loop.last }}
            {% endfor %} as points
        from compared
        cross join points
    )

select *
from scored
where points >= {{ linkage_threshold("review") }}
